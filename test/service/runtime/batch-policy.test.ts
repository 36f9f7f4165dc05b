import { describe, expect, test } from '@jest/globals';
import { chooseExecutor, largestBatch } from '../../../service/runtime/batch-policy';
import { DurationCurve } from '../../../service/runtime/duration-curve';
import type { TensorSignature } from '../../../service/tensor';

function curveOf(fixedMs: number, perRowMs: number): DurationCurve {
  const curve = new DurationCurve();
  for (const rows of [1, 11]) curve.add(rows, fixedMs + perRowMs * rows);
  return curve;
}

describe('largestBatch', () => {
  test('is one row for a model that gains less than a tenth from batches', () => {
    expect(largestBatch(curveOf(0.9, 10), 'worker', 0, 1024)).toBe(1);
    expect(largestBatch(curveOf(0, 0.01), 'inline', 0, 1024)).toBe(1);
  });

  test('on a worker is where 95 % of the possible throughput is reached', () => {
    // n·b / (a + n·b) = 0.95 for a = 10, b = 2 at n = 95
    expect(largestBatch(curveOf(10, 2), 'worker', 0, 1024)).toBe(95);
  });

  test('counts the way to the worker as part of what every run costs', () => {
    expect(largestBatch(curveOf(8, 2), 'worker', 2, 1024)).toBe(95);
  });

  test('inline is what holds the event loop for 2 ms at most', () => {
    expect(largestBatch(curveOf(1, 0.01), 'inline', 0, 1024)).toBe(100);
  });

  test('is never above the bound', () => {
    expect(largestBatch(curveOf(10, 2), 'worker', 0, 32)).toBe(32);
    expect(largestBatch(curveOf(1, 0.001), 'inline', 0, 32)).toBe(32);
    expect(largestBatch(curveOf(10, 0), 'worker', 0, 32)).toBe(32);
  });

  test('is one row while nothing is known of the model', () => {
    expect(largestBatch(new DurationCurve(), 'worker', 0, 32)).toBe(1);
  });
});

describe('chooseExecutor', () => {
  const signatureOf = (shape: readonly (number | string)[]): TensorSignature => ({
    inputs: [{ name: 'x', datatype: 'FP32', shape }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: ['N', 2] }],
  });

  test.each([
    ['inline', 'a run shorter than the way to a worker', ['N', 4], true, 0.01],
    ['worker', 'a run longer than the way to a worker', ['N', 4], true, 0.06],
    ['worker', 'rows of any length, which may make any run a long one', ['N', 'length'], true, 0.01],
    ['worker', 'any number of rows that cannot be cut', ['N', 4], false, 0.01],
    ['inline', 'fixed shapes that are not a batch', [1, 4], false, 0.01],
    ['worker', 'a model never seen to run', ['N', 4], true, undefined],
  ] as const)('is %s for %s', (expected, _, shape, batchable, runMs) => {
    expect(chooseExecutor(signatureOf(shape), batchable, runMs, 0.05)).toBe(expected);
  });
});
