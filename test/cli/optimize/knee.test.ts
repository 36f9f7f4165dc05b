import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type BatchPoint, kneeOf, rowsPerSecond } from '../../../cli/optimize/knee';

const curves: fc.Arbitrary<BatchPoint[]> = fc
  .array(fc.double({ min: 0.001, max: 1000, noNaN: true }), { minLength: 1, maxLength: 10 })
  .map((durations) => durations.map((runMs, i) => ({ rows: 2 ** i, runMs })));

describe('the knee of a batching curve', () => {
  test('is the smallest batch within 5 % of the highest throughput', () => {
    fc.assert(
      fc.property(curves, (points) => {
        const knee = kneeOf(points);
        const highest = Math.max(...points.map(rowsPerSecond));
        expect(rowsPerSecond(knee)).toBeGreaterThanOrEqual(0.95 * highest);
        for (const point of points) {
          if (point.rows < knee.rows) expect(rowsPerSecond(point)).toBeLessThan(0.95 * highest);
        }
      }),
    );
  });

  test('does not depend on how fast the machine is', () => {
    fc.assert(
      fc.property(curves, fc.constantFrom(0.25, 2, 64), (points, factor) => {
        const slower = points.map(({ rows, runMs }) => ({ rows, runMs: runMs * factor }));
        expect(kneeOf(slower).rows).toBe(kneeOf(points).rows);
      }),
    );
  });

  test('takes no longer than the limit wherever any batch does', () => {
    fc.assert(
      fc.property(curves, fc.double({ min: 0.001, max: 1000, noNaN: true }), (points, limitMs) => {
        const knee = kneeOf(points, limitMs);
        if (points.some(({ runMs }) => runMs <= limitMs)) expect(knee.runMs).toBeLessThanOrEqual(limitMs);
        else expect(knee).toBe(points[0]);
      }),
    );
  });

  test('is one row where batches gain nothing', () => {
    const points = [1, 2, 4, 8].map((rows) => ({ rows, runMs: 3 * rows }));
    expect(kneeOf(points).rows).toBe(1);
  });
});
