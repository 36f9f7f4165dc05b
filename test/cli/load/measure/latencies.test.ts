import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Latencies } from '../../../../cli/load/measure/latencies';

const milliseconds = fc.array(fc.double({ min: 0.001, max: 60_000, noNaN: true }), { minLength: 1, maxLength: 300 });

function recorded(values: readonly number[]): Latencies {
  const latencies = new Latencies();
  for (const ms of values) latencies.record(ms);
  return latencies;
}

describe('latencies', () => {
  test('keep percentiles to a thousandth, and to a microsecond', () => {
    fc.assert(
      fc.property(milliseconds, fc.double({ min: 0.1, max: 100, noNaN: true }), (values, percentile) => {
        const sorted = [...values].sort((a, b) => a - b);
        const exact = sorted[Math.ceil((percentile / 100) * values.length) - 1] ?? Number.NaN;
        const found = recorded(values).percentileMs(percentile) ?? Number.NaN;
        expect(Math.abs(found - exact)).toBeLessThanOrEqual(Math.max(0.001, exact / 1000));
      }),
    );
  });

  test('of two runs added are those of both', () => {
    fc.assert(
      fc.property(milliseconds, milliseconds, (first, second) => {
        const sum = recorded(first);
        sum.add(recorded(second));
        const both = recorded([...first, ...second]);
        expect([50, 95, 99, 100].map((p) => sum.percentileMs(p))).toEqual(
          [50, 95, 99, 100].map((p) => both.percentileMs(p)),
        );
        expect(sum.count).toBe(both.count);
      }),
    );
  });

  test('count requests without an answer as slower than all', () => {
    // GIVEN 96 answers and 4 failures
    const latencies = recorded(Array.from({ length: 96 }, (_, i) => i + 1));
    // THEN 95 of 100 were answered within 95 ms, and 97 of 100 never
    expect(latencies.percentileMs(95, 4)).toBeCloseTo(95, 1);
    expect(latencies.percentileMs(97, 4)).toBeUndefined();
  });

  test('of nothing have no percentile', () => {
    expect(new Latencies().percentileMs(95)).toBeUndefined();
    expect(new Latencies().bars(10)).toEqual([]);
  });

  test('all stand in some bar, in order', () => {
    fc.assert(
      fc.property(milliseconds, fc.integer({ min: 1, max: 40 }), (values, count) => {
        const bars = recorded(values).bars(count);
        expect(bars.reduce((sum, bar) => sum + bar.count, 0)).toBe(values.length);
        expect(bars.every((bar, i) => bar.toMs > bar.fromMs && (i === 0 || bar.fromMs === bars[i - 1]?.toMs))).toBe(
          true,
        );
      }),
    );
  });

  test('beyond a limit are counted', () => {
    expect(recorded([1, 2, 3, 100, 200]).slowerThan(50)).toBe(2);
  });
});
