import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Axis, ticks } from '../../../cli/report/ticks';

describe('marks on an axis', () => {
  test.each<[Axis, number, number, number[]]>([
    ['linear', 0, 34.7, [0, 10, 20, 30]],
    ['linear', 3, 11, [4, 6, 8, 10]],
    ['time', 0, 10, [0, 2, 4, 6, 8, 10]],
    ['time', 0, 3600, [0, 600, 1200, 1800, 2400, 3000, 3600]],
    ['time', 0, 86_400, [0, 21_600, 43_200, 64_800, 86_400]],
    ['log', 90, 5000, [100, 200, 500, 1000, 2000, 5000]],
    ['log', 0.1, 20_000, [0.1, 1, 10, 100, 1000, 10_000]],
    ['log', 95, 105, [96, 98, 100, 102, 104]],
    ['linear', 5, 5, [5]],
  ])('%s from %d to %d stand at round values', (axis, from, to, expected) => {
    expect(ticks(axis, from, to)).toEqual(expected);
  });

  test('are few, in rising order and within the axis, whatever it spans', () => {
    const positive = fc.double({ min: 1e-3, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(fc.constantFrom<Axis>('linear', 'time', 'log'), positive, positive, (axis, one, other) => {
        const [from, to] = [Math.min(one, other), Math.max(one, other)];
        fc.pre(to > from * 1.001);
        const marks = ticks(axis, from, to);
        const rounding = (to - from) * 1e-6;
        expect(marks.length).toBeGreaterThan(0);
        expect(marks.length).toBeLessThanOrEqual(8);
        expect(marks).toEqual([...marks].sort((a, b) => a - b));
        for (const mark of marks) {
          expect(mark).toBeGreaterThanOrEqual(from - rounding);
          expect(mark).toBeLessThanOrEqual(to + rounding);
        }
      }),
    );
  });
});
