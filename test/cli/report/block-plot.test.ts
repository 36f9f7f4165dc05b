import { expect, test } from '@jest/globals';
import { blockPlot } from '../../../cli/report/block-plot';

const VALUES = Array.from({ length: 288 }, (_, i) => 1 + (i % 50));

test.each([40, 60, 80])('a plot stays within a line of %i characters', (lineColumns) => {
  expect(Math.max(...blockPlot('p95 ms', VALUES, lineColumns).map(({ length }) => length))).toBe(lineColumns);
});

test('a plot has 72 columns where the line holds more', () => {
  expect(blockPlot('p95 ms', VALUES).at(-1)).toHaveLength('    p95 ms │'.length + 2 + 72);
});
