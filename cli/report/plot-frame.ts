import { number } from './numbers';
import { escapeHtml } from './page';

const WIDTH = 860;
const HEIGHT = 150;
const LEFT = 70;
const BOTTOM = 20;
const TOP = 10;

/** A line across a plot, such as an SLO. */
export interface Limit {
  readonly value: number;
  /** What it is, as in the legend: `SLO 100 ms`. */
  readonly name: string;
}

/** What {@link framed} draws around. */
export interface Frame {
  /** What the y axis shows, with its unit. */
  readonly name: string;
  /** Names and colours of what is drawn. */
  readonly legend: readonly { readonly name: string; readonly colour: string }[];
  /** Values of x at the left and the right edge. */
  readonly from: number;
  readonly to: number;
  readonly formatX: (x: number) => string;
  /** Highest value of y; the axis begins at 0. */
  readonly highest: number;
  readonly limit?: Limit | undefined;
}

/** From values to places in the SVG. */
export interface Scales {
  x(value: number): number;
  y(value: number): number;
}

/** Axes, grid, limit and legend as a figure with one inline SVG, around what `draw` returns. */
export function framed(frame: Frame, draw: (scales: Scales) => string): string {
  const { name, legend, from, to, formatX, limit } = frame;
  const highest = Math.max(frame.highest, limit?.value ?? 0) || 1;
  const span = to - from || 1;
  const scales: Scales = {
    x: (value) => tenths(LEFT + ((WIDTH - LEFT) * (value - from)) / span),
    y: (value) => tenths(HEIGHT - BOTTOM - ((HEIGHT - BOTTOM - TOP) * value) / (highest * 1.05)),
  };
  const across = (className: string, y: number) =>
    `<line class="${className}" x1="${LEFT}" x2="${WIDTH}" y1="${y}" y2="${y}"/>`;
  const grid = [0, 0.5, 1].map((share) => {
    const y = scales.y(share * highest);
    return `${across('grid', y)}<text x="${LEFT - 6}" y="${y}" text-anchor="end" dominant-baseline="middle">${number(share * highest)}</text>`;
  });
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const anchor = share === 0 ? 'start' : share === 1 ? 'end' : 'middle';
    const value = from + share * span;
    return `<text x="${scales.x(value)}" y="${HEIGHT - 4}" text-anchor="${anchor}">${escapeHtml(formatX(value))}</text>`;
  });
  const names = legend.map((entry) => `<span style="color:${entry.colour}">━ ${escapeHtml(entry.name)}</span>`);
  if (limit !== undefined) names.push(`<span class="bad">┅ ${escapeHtml(limit.name)}</span>`);
  return `<figure><figcaption>${escapeHtml(name)}: ${names.join(' ')}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(name)}">${grid.join('')}${ticks.join('')}${draw(scales)}${limit === undefined ? '' : across('limit', scales.y(limit.value))}</svg></figure>`;
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
