import { number } from './numbers';
import { escapeHtml } from './page';
import { framed, type Limit } from './plot-frame';
import type { Axis } from './ticks';

export interface Bar {
  readonly from: number;
  readonly to: number;
  readonly value: number;
}

export interface BarPlot {
  /** What the y axis shows, with its unit. */
  readonly name: string;
  readonly colour: string;
  /** In order of x; a histogram has no room between them. */
  readonly bars: readonly Bar[];
  readonly formatX: (x: number) => string;
  /** How x is spread; default linear. */
  readonly axis?: Axis;
  readonly limit?: Limit | undefined;
}

/** A histogram, as a figure with one inline SVG. */
export function barPlot({ name, colour, bars, formatX, axis, limit }: BarPlot): string {
  return framed(
    {
      name,
      legend: [{ name, colour }],
      from: bars[0]?.from ?? 0,
      to: bars.at(-1)?.to ?? 1,
      formatX,
      axis,
      highest: bars.reduce((highest, { value }) => Math.max(highest, value), 0),
      limit,
    },
    ({ x, y }) =>
      bars
        .map(({ from, to, value }) => {
          const [left, top] = [x(from), y(value)];
          // Even the rarest is to be seen: tails are what one looks for.
          const height = value > 0 ? Math.max(1, y(0) - top) : 0;
          const title = escapeHtml(`${formatX(from)} to ${formatX(to)}: ${number(value)}`);
          return `<rect x="${left}" y="${(y(0) - height).toFixed(1)}" width="${Math.max(0.5, x(to) - left - 0.5).toFixed(1)}" height="${height.toFixed(1)}" fill="${colour}"><title>${title}</title></rect>`;
        })
        .join(''),
  );
}
