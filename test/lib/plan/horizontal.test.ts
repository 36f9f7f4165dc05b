import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cpuTarget, MEAN_SHARE, replicasFor, replicasOverADay } from '../../../lib/plan/horizontal';
import type { Replica } from '../../../lib/plan/replica';
import { specOf } from './support';

const REPLICA: Replica = {
  capacityQps: 200,
  idleMs: 3,
  cpuSecondsPerRequest: 0.007,
  cpuRequestMilli: 2000,
  coldStartSeconds: 20,
};

describe('the number of replicas', () => {
  test.each([
    [0, 0],
    [1, 1],
    [140, 1],
    [141, 2],
    [1400, 10],
    [1401, 11],
  ])('for %d requests/s, each at most at 70 % of 200, is %d', (qps, replicas) => {
    expect(replicasFor(qps, REPLICA)).toBe(replicas);
  });

  test('is never smaller for more traffic', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        fc.double({ min: 1, max: 10, noNaN: true }),
        fc.double({ min: 0.1, max: 1e5, noNaN: true }),
        (qps, factor, capacityQps) => {
          const replica = { ...REPLICA, capacityQps };
          expect(replicasFor(qps * factor, replica)).toBeGreaterThanOrEqual(replicasFor(qps, replica));
        },
      ),
    );
  });

  test('leaves no replica above its share of its capacity', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 1e6, noNaN: true }), (qps) => {
        expect(qps / replicasFor(qps, REPLICA)).toBeLessThanOrEqual(140 * (1 + 1e-9));
      }),
    );
  });

  test('follows the traffic of a day, and stays at what the pool holds ready', () => {
    const [pool] = specOf(1400, '', '{minReplicas: 4}').pools;
    if (pool === undefined) throw new Error('the spec has a pool');
    const day = replicasOverADay(1400, REPLICA, pool);
    // At 04:00 a fifth of the peak needs 2, at 16:00 all of it needs 10.
    expect([day[4], day[16], day.length]).toEqual([4, 10, 24]);
  });
});

describe('the CPU target', () => {
  test('is what a replica uses at 70 % of its capacity', () => {
    // 200 × 0.7 × 7 ms = 980m of 2000m
    expect(cpuTarget(REPLICA)).toBe(49);
  });

  test('stays within what an HPA accepts', () => {
    expect(cpuTarget({ ...REPLICA, cpuSecondsPerRequest: 1 })).toBe(100);
    expect(cpuTarget({ ...REPLICA, cpuSecondsPerRequest: 1e-9 })).toBe(1);
  });
});

test('a day has three fifths of its peak on average', () => {
  expect(MEAN_SHARE).toBeCloseTo(0.6, 10);
});
