import { describe, expect, test } from '@jest/globals';
import { DurationCurve } from '../../../service/runtime/duration-curve';

function curveOf(...runs: readonly (readonly [rows: number, ms: number])[]): DurationCurve {
  const curve = new DurationCurve();
  for (const [rows, ms] of runs) curve.add(rows, ms);
  return curve;
}

describe('duration(n) = fixed + perRow · n', () => {
  test('is known from two runs of different sizes', () => {
    const curve = curveOf([1, 12], [11, 32]);
    expect([curve.fixedMs, curve.perRowMs]).toEqual([expect.closeTo(10, 6), expect.closeTo(2, 6)]);
  });

  test('of runs of one size is what they took, whatever the rows', () => {
    const curve = curveOf([4, 20], [4, 22]);
    expect(curve.perRowMs).toBe(0);
    expect(curve.estimateMs(100)).toBeCloseTo(21, 1);
  });

  test('follows a model that has become slower', () => {
    const curve = curveOf([1, 2], [11, 12]);
    for (let i = 0; i < 500; i += 1) curve.add(1 + (i % 10), 10 + 3 * (1 + (i % 10)));
    expect([curve.fixedMs, curve.perRowMs]).toEqual([expect.closeTo(10, 1), expect.closeTo(3, 1)]);
  });

  test('is moved little by one run that was held up', () => {
    // GIVEN a curve well known
    const curve = new DurationCurve();
    for (let i = 0; i < 200; i += 1) curve.add(1 + (i % 10), 1 + (i % 10));
    // WHEN a run takes a thousand times as long
    curve.add(5, 5000);
    // THEN the estimate is not even half as large again
    expect(curve.estimateMs(5)).toBeLessThan(7.5);
  });

  test('has no negative part, even where larger batches are slower than in proportion', () => {
    const curve = curveOf([1, 1], [10, 100]);
    expect(curve.fixedMs).toBe(0);
    expect(curve.perRowMs).toBeGreaterThan(0);
    expect(curveOf([1, 10], [10, 1]).perRowMs).toBe(0);
  });

  test('is unknown, and estimated as nothing, before the first run', () => {
    const curve = new DurationCurve();
    expect([curve.isKnown, curve.estimateMs(5)]).toEqual([false, 0]);
  });
});

describe('rowsWithin', () => {
  test('is the largest number of rows that stays within the time', () => {
    const curve = curveOf([1, 12], [11, 32]);
    expect([curve.rowsWithin(32), curve.rowsWithin(31.9), curve.rowsWithin(0)]).toEqual([11, 10, 1]);
  });

  test('has no bound where rows cost nothing', () => {
    expect(curveOf([1, 5]).rowsWithin(1)).toBeGreaterThan(1e9);
  });
});
