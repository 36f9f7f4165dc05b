import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { makePlan, type Plan, type PlanInputs } from '../../../lib/plan/plan';
import type { PlatformShape } from '../../../lib/plan/platform-cost';
import { parsePrices } from '../../../lib/plan/prices';
import type { Profile } from '../../../lib/plan/profile';
import type { RedisDesign } from '../../../lib/plan/redis-design';
import { PRICES, PROFILE, specOf } from './support';

const AWS = 'aws: {region: eu-west-1}';
const SHAPE: PlatformShape = {
  natGateways: 3,
  interfaceEndpoints: true,
  redis: { kind: 'nodes', engine: 'redis', nodeType: 'cache.t4g.small', shards: 1, replicasPerShard: 1 },
  frontDoor: 'api-gateway',
  systemNodes: 2,
};

function planOf(
  peakQps: number,
  more = AWS,
  profiles: readonly Profile[] = [],
  { growth = 10, ...others }: Partial<PlanInputs> = {},
): Plan {
  return makePlan(specOf(peakQps, more), {
    profiles: new Map(profiles.map((profile) => [profile.model, profile])),
    prices: PRICES,
    growth,
    shape: SHAPE,
    cacheHitRatio: undefined,
    ...others,
  });
}

function onlyPool(plan: Plan): Plan['pools'][number] {
  const [pool] = plan.pools;
  if (pool === undefined) throw new Error('the spec has a pool');
  return pool;
}

describe('a pool of a measured model', () => {
  // 300 requests/s at 2 ms of CPU: 0.6 cores busy, with slack a core; at 70 % 210 requests/s and 0.42 cores.
  const plan = planOf(1000, AWS, [PROFILE]);
  const pool = onlyPool(plan);

  test('gets a core a replica and as many replicas as the peak needs', () => {
    // 1,000 / 210 = 4.76 and 10,000 / 210 = 47.6
    expect([pool.size.cpuMillicores, pool.today.replicas, pool.grown.replicas]).toEqual([1000, 5, 48]);
  });

  test('may grow to what the grown peak needs', () => {
    expect([pool.minReplicas, pool.maxReplicas]).toEqual([2, 48]);
  });

  test('has the CPU target that was measured', () => {
    expect(pool.cpuUtilization).toBe(42);
  });

  test('runs on the cheapest type that holds its replicas over a day', () => {
    // A large (room 1,780m) holds one, and over a day 3.4 of them run; an xlarge (3,770m) holds three, and two always run.
    expect([pool.nodes.type.name, pool.nodes.replicasPerNode, pool.today.nodes]).toEqual(['c7g.large', 1, 5]);
  });

  test('tells its source', () => {
    const capacity = plan.figures.find(({ name }) => name.startsWith('fraud: capacity'));
    expect(capacity).toMatchObject({ value: 300, source: 'measured' });
  });
});

describe('a pool of which nothing was measured', () => {
  test('is planned on assumptions, which it names, and keeps the CPU target of the spec', () => {
    const plan = planOf(1000);
    expect(onlyPool(plan)).toMatchObject({ measured: false, cpuUtilization: 70, today: { replicas: 8 } });
    expect(plan.figures.find(({ name }) => name.startsWith('fraud: capacity'))?.source).toBe('assumed');
  });
});

describe('a pool measured on several numbers of cores', () => {
  const scaled = (capacities: readonly [number, number, number]): Profile => ({
    ...PROFILE,
    coreScaling: [1, 2, 4].map((cores, i) => ({ cores, capacityQps: capacities[i] ?? 0 })),
  });

  test('gets larger replicas where they are worth their cores', () => {
    // A single core is held up by its own event loop: 4 do more than four times as much.
    expect(onlyPool(planOf(3000, AWS, [scaled([100, 400, 1000])])).size.cpuMillicores).toBe(2000);
  });

  test('gets small ones where the others gain little', () => {
    expect(onlyPool(planOf(3000, AWS, [scaled([300, 330, 350])])).size.cpuMillicores).toBe(1000);
  });
});

describe('an SLO of the pool that is stricter than that of the measurement', () => {
  test('takes less capacity, as the measured curve has it', () => {
    const loose = { ...PROFILE, slo: { p95Ms: 200 }, latency: [{ qps: 240, p50Ms: 20, p95Ms: 100, p99Ms: 150 }] };
    expect(onlyPool(planOf(1000, AWS, [loose])).replica.capacityQps).toBeCloseTo(240, 6);
  });
});

describe('the bill', () => {
  const { today } = planOf(100, AWS);
  const monthly = (name: string): number | undefined => today.items.find((item) => item.name.startsWith(name))?.monthly;

  test('counts what runs whatever the traffic is', () => {
    expect(monthly('EKS')).toBeCloseTo(73, 6);
    expect(monthly('3 NAT')).toBeCloseTo(109.5, 6);
    expect(monthly('27 interface endpoints')).toBeCloseTo(197.1, 6);
    expect(monthly('2 nodes of Redis')).toBeCloseTo(43.8, 6);
  });

  test('counts requests by the mean of the day', () => {
    // 100 × 0.6 × 3,600 × 730 = 157.68 million
    expect(today.requests).toBeCloseTo(157.68e6, 0);
    expect(monthly('API gateway: requests')).toBeCloseTo(157.68 * 3.5, 4);
  });

  test('is the sum of its lines', () => {
    expect(today.monthly).toBeCloseTo(
      today.items.reduce((sum, item) => sum + item.monthly, 0),
      6,
    );
  });

  test('of a cluster that is not on AWS has the nodes only', () => {
    expect(planOf(100, '').today.items.map(({ name }) => name)).toEqual(['web: c7g.xlarge, up to 2']);
  });

  test('names the price that is missing, whole, instead of leaving the line out', () => {
    const prices = parsePrices(
      JSON.stringify({
        currency: 'USD',
        lists: [{ region: '*', date: '2026-07', source: 'x', prices: { 'waf/acl': 5 } }],
      }),
      'mine.json',
      'eu-west-1',
    );
    const inputs = { profiles: new Map(), prices, growth: 1, shape: SHAPE, cacheHitRatio: undefined };
    expect(() => makePlan(specOf(100, AWS), inputs)).toThrow(
      'no price in eu-west-1 of a type that holds a replica of web (2000m CPU, 1024 MiB): give a file that has one by --prices',
    );
  });
});

describe('the Redis of the bill', () => {
  const linesOf = (redis: RedisDesign, cacheHitRatio = 0.75, peakQps = 100) => {
    const { today, grown } = planOf(peakQps, AWS, [], { shape: { ...SHAPE, redis }, cacheHitRatio });
    return [today, grown].map(({ items }) =>
      items.flatMap(({ name, units, price }) => (price.item.startsWith('elasticache/') ? [{ name, units }] : [])),
    );
  };

  test('is the nodes that are deployed, whatever the rows would fit', () => {
    const nodes = { nodeType: 'cache.r7g.large', shards: 3, replicasPerShard: 1 };
    expect(linesOf({ kind: 'nodes', engine: 'valkey', ...nodes })[0]).toEqual([
      { name: '6 nodes of Valkey: cache.r7g.large', units: 6 * 730 },
    ]);
  });

  test('is what a serverless one holds and is asked', () => {
    // GIVEN 157.68 million requests a month, of which a quarter is written, and rows for less than the least that is paid
    // THEN a read for each and a write for a quarter are paid, at growth ten times as many
    const commands = 157.68 * 1.25;
    const [today, grown] = linesOf({ kind: 'serverless', engine: 'redis' });
    expect(today).toEqual([
      { name: 'serverless Redis: storage', units: 730 },
      { name: 'serverless Redis: commands', units: expect.closeTo(commands, 6) },
    ]);
    expect(grown?.[1]?.units).toBeCloseTo(10 * commands, 6);
  });

  test('is paid by the rows where these are more than the least', () => {
    // GIVEN Valkey, of which 0.1 GB are paid at least
    const [today, grown] = linesOf({ kind: 'serverless', engine: 'valkey' }, 0.75, 1000);
    // THEN today's rows and the grown ones are told apart
    expect(today?.[0]?.units).toBeGreaterThan(73);
    expect(grown?.[0]?.units).toBeGreaterThan(today?.[0]?.units ?? 0);
  });
});

describe('the front door', () => {
  test('is named when another one costs less', () => {
    const { frontDoor } = planOf(10_000, AWS);
    expect(frontDoor?.today).toMatchObject({ deployed: 'api-gateway', cheapest: 'cloudfront' });
  });
});

describe('with more traffic', () => {
  test('there are never fewer replicas or nodes, and nothing costs less', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50_000 }), fc.integer({ min: 0, max: 50_000 }), (peakQps, more) => {
        const [less, greater] = [
          planOf(peakQps, AWS, [PROFILE], { growth: 1 }),
          planOf(peakQps + more, AWS, [PROFILE], { growth: 1 }),
        ];
        expect(onlyPool(greater).today.replicas).toBeGreaterThanOrEqual(onlyPool(less).today.replicas);
        expect(greater.today.monthly).toBeGreaterThanOrEqual(less.today.monthly - 1e-6);
      }),
      { numRuns: 20 },
    );
  });
});
