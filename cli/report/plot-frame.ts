import { number } from './numbers';
import { escapeHtml } from './page';
import { type Axis, ticks } from './ticks';

const WIDTH = 860;
const HEIGHT = 150;
const LEFT = 70;
const BOTTOM = 20;
const TOP = 10;
const GRID_LINES = 4;
/** So near to an edge a text in the middle of its mark would be cut. */
const EDGE = 30;

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
  /** How x is spread; default linear. */
  readonly axis?: Axis | undefined;
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
  const { name, legend, from, to, formatX, limit, axis = 'linear' } = frame;
  const highest = Math.max(frame.highest, limit?.value ?? 0) || 1;
  const across = acrossOf(frame);
  const scales: Scales = {
    x: (value) => tenths(LEFT + (WIDTH - LEFT) * across(value)),
    y: (value) => tenths(HEIGHT - BOTTOM - ((HEIGHT - BOTTOM - TOP) * value) / (highest * 1.05)),
  };
  const line = (className: string, y: number) =>
    `<line class="${className}" x1="${LEFT}" x2="${WIDTH}" y1="${y}" y2="${y}"/>`;
  const grid = ticks('linear', 0, highest, GRID_LINES).map((value) => {
    const y = scales.y(value);
    return `${line('grid', y)}<text x="${LEFT - 6}" y="${y}" text-anchor="end" dominant-baseline="middle">${number(value)}</text>`;
  });
  const marks = ticks(axis, from, to).map((value) => {
    const x = scales.x(value);
    const anchor = x < LEFT + EDGE ? 'start' : x > WIDTH - EDGE ? 'end' : 'middle';
    return `<text x="${x}" y="${HEIGHT - 4}" text-anchor="${anchor}">${escapeHtml(formatX(value))}</text>`;
  });
  const names = legend.map((entry) => `<span style="color:${entry.colour}">━ ${escapeHtml(entry.name)}</span>`);
  if (limit !== undefined) names.push(`<span class="bad">┅ ${escapeHtml(limit.name)}</span>`);
  return `<figure><figcaption>${escapeHtml(name)}: ${names.join(' ')}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(name)}">${grid.join('')}${marks.join('')}${draw(scales)}${limit === undefined ? '' : line('limit', scales.y(limit.value))}</svg></figure>`;
}

/** The share of the way from the left to the right edge at which a value lies. */
function acrossOf({ from, to, axis }: Frame): (value: number) => number {
  const at = axis === 'log' ? Math.log : (value: number) => value;
  const span = at(to) - at(from) || 1;
  return (value) => (at(value) - at(from)) / span;
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
