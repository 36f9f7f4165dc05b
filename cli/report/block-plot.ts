import { number } from './numbers';

const COLUMNS = 72;
const ROWS = 4;
/** What the scale takes of a line. */
const SCALE_COLUMNS = 14;
/** A plot of fewer would say nothing. */
const FEWEST_COLUMNS = 10;
const BLOCKS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/**
 * A plot for a terminal: columns of blocks, each as high as the highest of its values; the scale is at the left.
 * @param lineColumns characters of a line; undefined: as many as it takes
 */
export function blockPlot(name: string, values: readonly number[], lineColumns = Number.POSITIVE_INFINITY): string[] {
  const width = Math.min(COLUMNS, values.length, Math.max(FEWEST_COLUMNS, lineColumns - SCALE_COLUMNS));
  const heights = Array.from({ length: width }, (_, column) => {
    const from = Math.floor((column * values.length) / width);
    const to = Math.max(from + 1, Math.floor(((column + 1) * values.length) / width));
    return Math.max(...values.slice(from, to));
  });
  const top = Math.max(...heights, 1e-9);
  return Array.from({ length: ROWS }, (_, row) => {
    const label = row === 0 ? number(top) : row === ROWS - 1 ? name : '';
    const cells = heights.map((height) => {
      const eighths = Math.round((height / top) * ROWS * 8) - (ROWS - 1 - row) * 8;
      return BLOCKS[Math.max(0, Math.min(8, eighths))] ?? ' ';
    });
    return `  ${label.padStart(10)} │${cells.join('').trimEnd()}`;
  });
}
