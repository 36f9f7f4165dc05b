import { describe, expect, test } from '@jest/globals';
import { Comparison } from '../../../cli/export/comparison';
import type { Tensor } from '../../../service/tensor';

const LABEL = { name: 'label', datatype: 'INT64', shape: ['batch'] } as const;
const SCORES = { name: 'scores', datatype: 'FP32', shape: ['batch', 2] } as const;

const scores = (...values: number[]): Tensor => ({
  datatype: 'FP32',
  shape: [values.length / 2, 2],
  data: new Float32Array(values),
});
const labels = (...values: bigint[]): Tensor => ({
  datatype: 'INT64',
  shape: [values.length],
  data: new BigInt64Array(values),
});

function compare(original: readonly Tensor[], exported: readonly Tensor[], tolerance = 1e-3) {
  const comparison = new Comparison(original.length === 2 ? [LABEL, SCORES] : [SCORES], tolerance);
  comparison.add(original[0]?.shape[0] ?? 0, original, exported);
  return comparison;
}

describe('an export', () => {
  test('whose numbers are within the tolerance is equal', () => {
    const { isEqual, outputs } = compare([scores(0.5, 0.5)], [scores(0.5005, 0.5)]);
    expect(isEqual).toBe(true);
    expect(outputs[0]?.largestDifference).toBeCloseTo(0.0005, 6);
  });

  test('is judged by relative differences above 1', () => {
    expect(compare([scores(1000, 1)], [scores(1000.5, 1)]).isEqual).toBe(true);
    expect(compare([scores(1000, 1)], [scores(1002, 1)]).isEqual).toBe(false);
  });

  test('that differs says in how many rows', () => {
    const { outputs, rows } = compare([scores(0, 1, 0, 1, 0, 1)], [scores(0, 1, 0.5, 1, 0, 0)]);
    expect({ rows, differing: outputs[0]?.differingRows }).toEqual({ rows: 3, differing: 2 });
  });

  test('with another label is another', () => {
    const original = [labels(1n, 0n), scores(0.1, 0.9, 0.9, 0.1)];
    const { outputs } = compare(original, [labels(1n, 1n), scores(0.1, 0.9, 0.9, 0.1)]);
    expect(outputs.map(({ differingRows }) => differingRows)).toEqual([1, 0]);
  });

  test('may choose between labels of equal scores', () => {
    const { isEqual, tiedRows } = compare([labels(1n), scores(0.5, 0.5)], [labels(0n), scores(0.5, 0.5)]);
    expect({ isEqual, tiedRows }).toEqual({ isEqual: true, tiedRows: 1 });
  });

  test('that gives no number where the original does is another, and equal where neither does', () => {
    expect(compare([scores(1, 2)], [scores(1, Number.NaN)]).isEqual).toBe(false);
    expect(compare([scores(1, Number.NaN)], [scores(1, Number.NaN)]).isEqual).toBe(true);
  });

  test('with fewer numbers is another', () => {
    expect(compare([scores(1, 2, 3, 4)], [scores(1, 2)]).isEqual).toBe(false);
  });
});
