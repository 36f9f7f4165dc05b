import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fitServiceTime } from '../../../../cli/load/capacity/service-time';

const ROWS = [1, 2, 4, 8, 16, 32];

test('a straight line is found as it is', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 100, noNaN: true }),
      fc.double({ min: 0.01, max: 10, noNaN: true }),
      (a, b) => {
        const { fixedMs, perRowMs } = fitServiceTime(ROWS.map((rows) => ({ rows, medianMs: a + b * rows })));
        expect(fixedMs).toBeCloseTo(a, 6);
        expect(perRowMs).toBeCloseTo(b, 6);
      },
    ),
  );
});

test('no part is negative, whatever was measured', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0.001, max: 100, noNaN: true }), { minLength: 1, maxLength: 6 }), (times) => {
      const { fixedMs, perRowMs } = fitServiceTime(times.map((medianMs, i) => ({ rows: ROWS[i] ?? 1, medianMs })));
      expect(fixedMs).toBeGreaterThanOrEqual(0);
      expect(perRowMs).toBeGreaterThan(0);
    }),
  );
});

test('one row a request has no fixed part', () => {
  expect(fitServiceTime([{ rows: 1, medianMs: 7 }])).toEqual({ fixedMs: 0, perRowMs: 7 });
});
