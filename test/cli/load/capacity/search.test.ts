import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findCapacity } from '../../../../cli/load/capacity/search';
import { seeded } from '../../../../cli/load/schedule/random';

const OPTIONS = { startQps: 50, maxQps: 50_000, tolerance: 0.04 };

describe('the search for the capacity', () => {
  test('finds the limit of a service to its tolerance, wherever it begins', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: 1, max: 40_000, noNaN: true }),
        fc.double({ min: 1, max: 40_000, noNaN: true }),
        async (limit, startQps) => {
          const { capacityQps = 0, atLeast } = await findCapacity(async (qps) => qps <= limit, {
            ...OPTIONS,
            startQps,
          });
          expect(capacityQps).toBeLessThanOrEqual(limit);
          expect(capacityQps).toBeGreaterThan(limit / 1.041);
          expect(atLeast).toBe(false);
        },
      ),
    );
  });

  test('is not thrown off by bad moments', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        // GIVEN a service that can do 1,000/s, on a machine on which every tenth trial fails
        const random = seeded(seed);
        const { capacityQps = 0 } = await findCapacity(async (qps) => qps <= 1000 && random() > 0.1, OPTIONS);
        // THEN two bad moments in a row at a low rate are rare, and found by none of these seeds to matter much
        expect(capacityQps).toBeLessThanOrEqual(1000);
        expect(capacityQps).toBeGreaterThan(10);
      }),
      { numRuns: 50 },
    );
  });

  test('steps down from a rate that cannot be confirmed', async () => {
    const { capacityQps } = await findCapacity(
      async (qps, effort) => qps <= (effort === 'confirm' ? 800 : 1000),
      OPTIONS,
    );
    expect(capacityQps).toBeLessThanOrEqual(800);
    expect(capacityQps).toBeGreaterThan(800 * 0.95);
  });

  test('stops at the highest rate that is allowed, and says so', async () => {
    const tried: number[] = [];
    const found = await findCapacity(async (qps) => tried.push(qps) > 0, { ...OPTIONS, maxQps: 300 });
    expect(found).toEqual({ capacityQps: 300, atLeast: true });
    expect(Math.max(...tried)).toBe(300);
  });

  test('finds nothing where the SLO holds at no rate', async () => {
    expect(await findCapacity(async () => false, OPTIONS)).toEqual({ capacityQps: undefined, atLeast: false });
  });
});
