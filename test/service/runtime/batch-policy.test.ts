import { describe, expect, test } from '@jest/globals';
import { chooseExecutor, isWorthBatching, largestBatch } from '../../../service/runtime/batch-policy';
import { DurationCurve } from '../../../service/runtime/duration-curve';
import type { TensorSignature } from '../../../service/tensor';

/** A curve drawn from runs of 1 and of `seenRows` rows. */
function curveOf(fixedMs: number, perRowMs: number, seenRows = 1024): DurationCurve {
  const curve = new DurationCurve();
  for (const rows of [1, seenRows]) curve.add(rows, fixedMs + perRowMs * rows);
  return curve;
}

describe('isWorthBatching', () => {
  test('is so from a gain of a tenth on', () => {
    expect(isWorthBatching(curveOf(0.9, 10), 0)).toBe(false);
    expect(isWorthBatching(curveOf(1.1, 10), 0)).toBe(true);
  });

  test('counts the way to the worker as something that batches save', () => {
    expect(isWorthBatching(curveOf(0.6, 10), 0.5)).toBe(true);
  });

  test('is not so while nothing is known of the model', () => {
    expect(isWorthBatching(new DurationCurve(), 1)).toBe(false);
  });
});

describe('largestBatch', () => {
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
    expect(largestBatch(curveOf(10, 2), 'worker', 0, 1)).toBe(1);
  });

  test('is at most four times what has been seen', () => {
    expect(largestBatch(curveOf(10, 2, 4), 'worker', 0, 1024)).toBe(16);
    expect(largestBatch(curveOf(1, 0.01, 8), 'inline', 0, 1024)).toBe(32);
  });

  test('on a worker stays at two rows or more, so that the curve goes on learning', () => {
    expect(largestBatch(curveOf(0, 10), 'worker', 0, 1024)).toBe(2);
  });
});

describe('chooseExecutor', () => {
  const signatureOf = (shape: readonly (number | string)[]): TensorSignature => ({
    inputs: [{ name: 'x', datatype: 'FP32', shape }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: ['N', 2] }],
  });

  test.each([
    ['inline', 'a run shorter than the loop’s part of the way to a worker', ['N', 4], true, 0.01],
    ['worker', 'a run longer than that', ['N', 4], true, 0.03],
    ['worker', 'rows of any length, which may make any run a long one', ['N', 'length'], true, 0.01],
    ['worker', 'any number of rows that cannot be cut', ['N', 4], false, 0.01],
    ['inline', 'fixed shapes that are not a batch', [1, 4], false, 0.01],
    ['worker', 'a model never seen to run', ['N', 4], true, undefined],
  ] as const)('is %s for %s', (expected, _, shape, batchable, runMs) => {
    expect(chooseExecutor(signatureOf(shape), batchable, runMs, 0.05)).toBe(expected);
  });

  test('is not inline for a longer run because the way to the worker was held up', () => {
    expect(chooseExecutor(signatureOf(['N', 4]), true, 0.6, 5)).toBe('worker');
  });
});
