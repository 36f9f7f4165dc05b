import { describe, expect, test } from '@jest/globals';
import { makePlan } from '../../../lib/plan/plan';
import type { RedisDesign } from '../../../lib/plan/redis-design';
import { unplannedSize } from '../../../lib/plan/size';
import { parsePlan, sizeOf, withPlan, writtenPlan } from '../../../lib/plan/written-plan';
import { PRICES, PROFILE, specOf } from './support';

const SPEC = specOf(1000);
const PLAN = makePlan(SPEC, {
  profiles: new Map([['fraud', PROFILE]]),
  prices: PRICES,
  growth: 10,
  shape: { natGateways: 1, interfaceEndpoints: false, redis: undefined, frontDoor: 'cloudfront', systemNodes: 1 },
  cacheHitRatio: undefined,
});

function written(redis: RedisDesign) {
  return writtenPlan(PLAN, { specSha256: 'a'.repeat(64), writtenAt: '2026-11-24T12:00:00Z', redis });
}

const WRITTEN = written({
  kind: 'nodes',
  engine: 'redis',
  nodeType: 'cache.t4g.small',
  shards: 1,
  replicasPerShard: 1,
});

function onlyPool() {
  const [pool] = SPEC.pools;
  if (pool === undefined) throw new Error('the spec has a pool');
  return pool;
}

describe('a written plan', () => {
  test('reads back as it was written', () => {
    expect(parsePlan(JSON.stringify(WRITTEN), 'headroom.plan.json')).toEqual(WRITTEN);
  });

  test('gives a pool its limits, its CPU target and its size', () => {
    expect(withPlan(onlyPool(), WRITTEN)).toMatchObject({ minReplicas: 2, maxReplicas: 48, cpuUtilization: 42 });
    expect(sizeOf(onlyPool(), WRITTEN).cpuMillicores).toBe(1000);
  });

  test('that is not there leaves the pool as the spec has it, and the size as assumed', () => {
    expect([withPlan(onlyPool(), undefined), sizeOf(onlyPool(), undefined)]).toEqual([
      onlyPool(),
      unplannedSize('cpu'),
    ]);
  });

  test('names the nodes of Redis that hold its rows', () => {
    expect(WRITTEN.cache).toMatchObject({ redisNodeType: 'cache.t4g.small', redisShards: 1 });
  });

  test('names no nodes of a Redis that has none', () => {
    expect(written({ kind: 'serverless', engine: 'redis' }).cache).not.toHaveProperty('redisNodeType');
  });

  test('with a field out of range is refused by its place', () => {
    const bad = JSON.stringify(WRITTEN).replace('"cpuUtilization":42', '"cpuUtilization":420');
    expect(() => parsePlan(bad, 'headroom.plan.json')).toThrow(
      /^the plan headroom\.plan\.json cannot be used: pools\.web\.cpuUtilization: .*'headroom plan --write' writes it anew/,
    );
  });
});
