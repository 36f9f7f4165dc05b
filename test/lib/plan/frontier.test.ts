import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Candidate, markBest } from '../../../lib/plan/frontier';
import { latencyCurve } from '../../../lib/plan/latency';
import { makePlan, type PlanInputs } from '../../../lib/plan/plan';
import { parsePrices } from '../../../lib/plan/prices';
import type { Replica } from '../../../lib/plan/replica';
import { p95WithCache, withInt8, withoutBatches } from '../../../lib/plan/variants';
import { PRICE_DOCUMENT, PRICES, PROFILE, specOf } from './support';

const SLO = { p95Ms: 100, acceptableMs: 200 };

const candidates = fc.array(
  fc.record({
    monthly: fc.double({ min: 1, max: 1000, noNaN: true }),
    p95Ms: fc.double({ min: 1, max: 150, noNaN: true }),
  }),
);

function candidate({ monthly, p95Ms }: { monthly: number; p95Ms: number }): Candidate {
  return {
    name: 'x',
    instanceType: 'c7g.large',
    gpu: undefined,
    cache: false,
    int8: false,
    batch: true,
    replicas: 2,
    source: 'assumed',
    monthly,
    p95Ms,
  };
}

describe('cost against latency', () => {
  test('marks none that another beats', () => {
    fc.assert(
      fc.property(candidates, (given) => {
        const best = markBest(given.map(candidate), SLO).filter((option) => option.best);
        for (const one of best) {
          expect(given.some(({ monthly, p95Ms }) => monthly < one.monthly && p95Ms <= one.p95Ms)).toBe(false);
        }
      }),
    );
  });

  test('leaves none out that holds the SLO and is beaten by none', () => {
    fc.assert(
      fc.property(candidates, (given) => {
        const options = markBest(given.map(candidate), SLO);
        for (const left of options.filter(({ best, holds }) => holds && !best)) {
          const beaten = options.some(
            ({ best, monthly, p95Ms }) => best && monthly <= left.monthly && p95Ms <= left.p95Ms,
          );
          expect(beaten).toBe(true);
        }
      }),
    );
  });

  test('marks none that misses the SLO, however cheap', () => {
    const options = markBest([candidate({ monthly: 1, p95Ms: 101 }), candidate({ monthly: 2, p95Ms: 99 })], SLO);
    expect(options.map(({ best, holds }) => [best, holds])).toEqual([
      [false, false],
      [true, true],
    ]);
  });
});

const REPLICA: Replica = {
  capacityQps: 100,
  idleMs: 5,
  cpuSecondsPerRequest: 0.01,
  cpuRequestMilli: 2000,
  coldStartSeconds: 5,
};

describe('a variant of a replica', () => {
  test('with INT8 models saves on the part of the CPU time that is the model', () => {
    // Of 10 ms of CPU 5 are the model's, which becomes 3: 8 ms, so 100 × 10/8 requests/s; alone it takes 5 − 0.4 × 5.
    const share = { idleShare: 0.6, batchShare: 0.6 };
    const int8 = withInt8(REPLICA, { fixedMs: 4, perRowMs: 1, batchRows: 1 }, share);
    expect(int8.capacityQps).toBeCloseTo(125, 6);
    expect([int8.idleMs, int8.cpuSecondsPerRequest]).toEqual([expect.closeTo(3, 9), expect.closeTo(0.008, 9)]);
  });

  test('row by row pays the fixed part of a run for each', () => {
    // In batches of 4 a row takes 4/4 + 1 = 2 ms of 10, alone 5: 13 ms of CPU a request.
    const rows = withoutBatches(REPLICA, { fixedMs: 4, perRowMs: 1, batchRows: 4 });
    expect(rows?.capacityQps).toBeCloseTo((100 * 10) / 13, 6);
  });

  test('row by row is unknown where the batches were not measured', () => {
    expect(withoutBatches(REPLICA, { fixedMs: 4, perRowMs: 1, batchRows: undefined })).toBeUndefined();
  });

  test('row by row is no choice where that is how it runs', () => {
    expect(withoutBatches(REPLICA, { fixedMs: 4, perRowMs: 1, batchRows: 1 })).toBeUndefined();
  });

  test('with a cache has the p95 of all its requests, hits included', () => {
    const { offsetMs, p95Ms } = latencyCurve({ capacityQps: 100, sloMs: 100, idleMs: 5, points: [] });
    const alone = p95Ms(70);
    expect(p95WithCache(REPLICA, SLO, 70, 0)).toBeCloseTo(alone, 2);
    // With half of them hits, p95 of all is p90 of those that miss, whose times are exponential from the offset on.
    const p90 = offsetMs + ((alone - offsetMs) * Math.log(0.1)) / Math.log(0.05);
    expect(p95WithCache(REPLICA, SLO, 70, 0.5)).toBeCloseTo(p90, 2);
  });

  test('whose requests nearly all are hits answers as fast as the cache', () => {
    expect(p95WithCache(REPLICA, SLO, 70, 0.95)).toBe(1);
  });
});

describe('the ways to run a pool', () => {
  const planOf = (more: Partial<PlanInputs>, pool?: string) =>
    makePlan(specOf(1000, 'aws: {region: eu-west-1}', pool), {
      profiles: new Map([['fraud', { ...PROFILE, batchRows: 3 }]]),
      prices: PRICES,
      growth: 1,
      shape: { natGateways: 1, interfaceEndpoints: false, redis: undefined, frontDoor: 'cloudfront', systemNodes: 1 },
      cacheHitRatio: undefined,
      ...more,
    });
  const plan = planOf({ int8: new Map([['fraud', { idleShare: 0.5, batchShare: 0.5 }]]) });
  const options = plan.options.get('web') ?? [];

  test('are with and without cache, INT8 and batches, by rising cost', () => {
    const chosen = options.filter(({ instanceType }) => instanceType === 'c7g.large').map(({ name }) => name);
    expect(chosen.sort()).toEqual([
      'c7g.large',
      'c7g.large + INT8',
      'c7g.large + INT8 + cache',
      'c7g.large + cache',
      'c7g.large + no batches',
      'c7g.large + no batches + cache',
    ]);
    expect(options.map(({ monthly }) => monthly)).toEqual(options.map(({ monthly }) => monthly).sort((a, b) => a - b));
  });

  test('say which of them were measured', () => {
    expect(options.find(({ name }) => name === 'c7g.large')?.source).toBe('measured');
    expect(options.find(({ name }) => name === 'c7g.large + INT8')?.source).toBe('measured');
    expect(options.find(({ name }) => name === 'c7g.large + INT8 + cache')?.source).toBe('assumed');
  });

  test('count on INT8 only where it was measured, and name the models of which it was not', () => {
    const unmeasured = planOf({});
    expect(unmeasured.options.get('web')?.filter(({ int8 }) => int8)).toEqual([]);
    expect([unmeasured, plan].map(({ int8Unknown }) => int8Unknown.get('web'))).toEqual([['fraud'], []]);
  });

  test('on hardware that the pool does not have hold a run of its models', () => {
    // GIVEN a pool on GPUs, of which the way without one is assumed, and a model that adopted four threads a run
    const gpuPrices = structuredClone(PRICE_DOCUMENT);
    Object.assign(gpuPrices.lists[0]?.prices ?? {}, { 'ec2/g5.xlarge': 1, 'ec2/c7g.2xlarge': 0.4 });
    const settings = new Map([['fraud', { settings: { intraOpThreads: 4 }, source: 'adopted' } as const]]);
    const prices = parsePrices(JSON.stringify(gpuPrices), 'prices.json', 'eu-west-1');
    const given = planOf({ profiles: new Map(), prices, settings }, '{hardware: gpu, gpu: a10g}');
    // THEN types with less than four cores for pods are no place for it
    const types = given.options.get('web')?.map(({ instanceType }) => instanceType);
    expect([...new Set(types)].sort()).toEqual(['c7g.2xlarge', 'g5.xlarge']);
  });

  test('all take time, also those on hardware that the pool does not have', () => {
    for (const { p95Ms } of options) expect(p95Ms).toBeGreaterThan(0);
  });
});
