import { escapeHtml } from './page';
import { framed, type Limit, type Scales } from './plot-frame';
import type { Axis } from './ticks';

export interface Point {
  readonly x: number;
  /** A value that is not finite leaves a gap. */
  readonly y: number;
  /** Written beside the dot and shown on hover. */
  readonly label?: string;
}

export interface Curve {
  readonly name: string;
  /** One of COLOURS, or any of CSS. */
  readonly colour: string;
  readonly points: readonly Point[];
  /** Dots for points that no line joins, such as alternatives; default line. */
  readonly style?: 'line' | 'dots';
}

export interface LinePlot {
  /** What the y axis shows, with its unit. */
  readonly name: string;
  readonly curves: readonly Curve[];
  readonly formatX: (x: number) => string;
  /** How x is spread; default linear. */
  readonly axis?: Axis;
  /** Right edge where it lies beyond the last point; the left one is the first point. */
  readonly to?: number;
  readonly limit?: Limit | undefined;
}

/** Curves or dots over x, as a figure with one inline SVG. */
export function linePlot({ name, curves, formatX, axis, to, limit }: LinePlot): string {
  const points = curves.flatMap((curve) => curve.points);
  const xs = points.map(({ x }) => x);
  return framed(
    {
      name,
      legend: curves,
      from: least(xs),
      to: to ?? greatest(xs),
      formatX,
      axis,
      highest: greatest(points.map(({ y }) => y)),
      limit,
    },
    (scales) => curves.map((curve) => drawn(curve, scales)).join(''),
  );
}

function drawn({ name, colour, points, style }: Curve, scales: Scales): string {
  if (style === 'dots') return points.map((point) => dot(point, colour, scales)).join('');
  const title = `<title>${escapeHtml(name)}</title>`;
  return stretches(points)
    .map((stretch) => {
      const places = stretch.map(({ x, y }) => `${scales.x(x)},${scales.y(y)}`).join(' ');
      return `<polyline class="curve" stroke="${colour}" points="${places}">${title}</polyline>`;
    })
    .join('');
}

function dot({ x, y, label }: Point, colour: string, scales: Scales): string {
  const circle = `<circle cx="${scales.x(x)}" cy="${scales.y(y)}" r="3.5" fill="${colour}">`;
  if (label === undefined) return `${circle}</circle>`;
  const text = escapeHtml(label);
  return `${circle}<title>${text}</title></circle><text x="${scales.x(x) + 6}" y="${scales.y(y) - 5}">${text}</text>`;
}

/** The runs of points between gaps. */
function stretches(points: readonly Point[]): Point[][] {
  const found: Point[][] = [[]];
  for (const point of points) {
    if (Number.isFinite(point.y)) found.at(-1)?.push(point);
    else found.push([]);
  }
  return found.filter(({ length }) => length > 0);
}

function least(values: readonly number[]): number {
  return values.reduce((least, value) => Math.min(least, value), values[0] ?? 0);
}

function greatest(values: readonly number[]): number {
  return values.reduce((greatest, value) => (Number.isFinite(value) ? Math.max(greatest, value) : greatest), 0);
}
