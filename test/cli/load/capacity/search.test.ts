import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findCapacity } from '../../../../cli/load/capacity/search';
import { seeded } from '../../../../cli/load/schedule/random';

const OPTIONS = { startQps: 50, maxQps: 50_000 };

describe('the search for the capacity', () => {
  test('finds the limit of a service to some percent, wherever it begins', async () => {
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
          expect(capacityQps).toBeGreaterThan(limit / 1.1);
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

  test('finds nearly the same again where chance decides about trials near the capacity', async () => {
    // GIVEN a service of 10,000/s of which a trial 5 % above holds, and one 5 % below misses, in a quarter of all cases
    const once = async (seed: number): Promise<number> => {
      const random = seeded(seed);
      const startQps = 1000 + 1000 * random();
      const holdsAt = async (qps: number) => random() < 1 / (1 + Math.exp((qps / 10_000 - 1) / 0.045));
      return (await findCapacity(holdsAt, { startQps, maxQps: 1e5 })).capacityQps ?? 0;
    };
    // WHEN it is searched for twice, in many pairs
    const ratios: number[] = [];
    for (let pair = 0; pair < 200; pair++) ratios.push((await once(2 * pair)) / (await once(2 * pair + 1)));
    // THEN both differ by less than a tenth in nearly all pairs
    const apart = ratios.filter((ratio) => Math.abs(Math.log(ratio)) > Math.log(1.1));
    expect(apart.length).toBeLessThan(0.05 * ratios.length);
  });

  test('steps down from a rate that cannot be confirmed', async () => {
    const { capacityQps } = await findCapacity(
      async (qps, effort) => qps <= (effort === 'confirm' ? 800 : 1000),
      OPTIONS,
    );
    expect(capacityQps).toBeLessThanOrEqual(800);
    expect(capacityQps).toBeGreaterThan(800 * 0.96);
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
