import { describe, expect, test } from '@jest/globals';
import { nodeGroups } from '../../../lib/aws/node-sizes';
import { redisDesign } from '../../../lib/aws/tier-design';
import { unplannedSize } from '../../../lib/plan/size';
import type { WrittenPlan, WrittenPool } from '../../../lib/plan/written-plan';
import { parseSpec, type Spec } from '../../../lib/spec/load';
import { tierOf } from '../../../lib/spec/tiers';

/** A spec of the tier medium with a pool for each line. */
function spec(...pools: string[]): Spec {
  const names = pools.map((_, index) => `p${index}`);
  return parseSpec(
    `name: shop
models:
${names.map((name) => `  m-${name}: {useCase: fraud-detection, path: ${name}, peakQps: 200, pool: ${name}}`).join('\n')}
pools:
${pools.map((pool, index) => `  p${index}: ${pool}`).join('\n')}
aws: {region: us-east-1}
`,
    'headroom.yaml',
  );
}

function planned(instanceType: string, replicasPerNode: number): WrittenPool {
  return {
    size: unplannedSize('cpu'),
    minReplicas: 2,
    maxReplicas: 20,
    cpuUtilization: 70,
    nodes: { instanceType, replicasPerNode, today: 1, grown: 9 },
  };
}

function plan(pools: Record<string, WrittenPool>, cache: Partial<WrittenPlan['cache']> = {}): WrittenPlan {
  const rows = { memoryMib: 1, hitRatio: 0.5, ...cache };
  return { specSha256: 'a'.repeat(64), writtenAt: '2026-11-24T12:00:00Z', growth: 10, pools, cache: rows };
}

describe('without a plan', () => {
  test('pools without GPU share nodes of the type that holds the replicas of the tier', () => {
    // GIVEN two pools of 2 to 20 replicas in a tier with three on a node
    // THEN one group holds all, and one node more for a rollout
    expect(nodeGroups(spec('{}', '{}'), undefined)).toEqual([
      {
        name: 'c7g-2xlarge',
        instanceTypes: ['c7g.2xlarge'],
        gpu: undefined,
        capacity: 'on-demand',
        minNodes: 2,
        maxNodes: 15,
      },
    ]);
  });

  test('two replicas that would fit on one node have two, of which one may be lost; a single one has one', () => {
    const fewest = (pool: string) => nodeGroups(spec(pool), undefined).map(({ minNodes }) => minNodes);
    expect(fewest('{minReplicas: 2, maxReplicas: 9}')).toEqual([2]);
    expect(fewest('{minReplicas: 1, maxReplicas: 9}')).toEqual([1]);
  });

  test('a replica with a GPU has a node of its own, from none', () => {
    expect(nodeGroups(spec('{hardware: gpu, gpu: t4, maxReplicas: 4}'), undefined)).toMatchObject([
      { instanceTypes: ['g4dn.xlarge'], gpu: 't4', minNodes: 0, maxNodes: 5 },
    ]);
  });
});

describe('with a plan', () => {
  test('nodes have its type, and as many as its replicas on a node make', () => {
    expect(nodeGroups(spec('{}'), plan({ p0: planned('m7g.4xlarge', 5) }))).toMatchObject([
      { instanceTypes: ['m7g.4xlarge'], minNodes: 2, maxNodes: 5 },
    ]);
  });

  test('a pool that it does not know keeps what is assumed', () => {
    // GIVEN a plan of one of two pools
    const groups = nodeGroups(spec('{}', '{}'), plan({ p0: planned('m7g.4xlarge', 5) }));
    // THEN both types are there, each with room for all replicas, which may land on either
    expect(groups).toMatchObject([
      { instanceTypes: ['m7g.4xlarge'], minNodes: 2, maxNodes: 4 + 3 + 1 },
      { instanceTypes: ['c7g.2xlarge'], minNodes: 2, maxNodes: 7 + 7 + 1 },
    ]);
  });

  test('a node with several GPUs holds several replicas', () => {
    const groups = nodeGroups(spec('{hardware: gpu, gpu: t4}'), plan({ p0: planned('g4dn.12xlarge', 4) }));
    expect(groups).toMatchObject([{ instanceTypes: ['g4dn.12xlarge'], minNodes: 0, maxNodes: 6 }]);
  });

  test.each([
    ['a type that nobody knows', '{}', 'm99.large', 'no GPU and arm64'],
    ['a type without the GPU of the pool', '{hardware: gpu, gpu: t4}', 'g6.xlarge', 'the GPU t4 and x86_64'],
    ['a type that the image is not built for', '{}', 'm7i.large', 'no GPU and arm64'],
  ])('%s is refused by its place', (_, pool, type, allowed) => {
    expect(() => nodeGroups(spec(pool), plan({ p0: planned(type, 1) }))).toThrow(
      `headroom.plan.json: pools.p0.nodes.instanceType: found '${type}', expected a type of the table in lib/plan/instance-types.ts with ${allowed}`,
    );
  });
});

describe('nodes with GPUs are paid', () => {
  test('on spot with several types, the smallest first, because AWS seldom takes back all of them at once', () => {
    const [group] = nodeGroups(spec('{hardware: gpu, gpu: t4, capacity: spot}'), undefined);
    expect(group).toMatchObject({
      capacity: 'spot',
      instanceTypes: ['g4dn.xlarge', 'g4dn.2xlarge', 'g4dn.4xlarge', 'g4dn.8xlarge'],
    });
  });

  test('ahead, by the Capacity Block of the pool', () => {
    const pool = '{hardware: gpu, gpu: h100, capacity: capacity-block, capacityBlock: cr-0123456789abcdef0}';
    expect(nodeGroups(spec(pool), undefined)).toMatchObject([
      { capacity: { capacityBlock: 'cr-0123456789abcdef0' }, instanceTypes: ['p5.4xlarge'] },
    ]);
  });
});

describe('Redis', () => {
  const MEDIUM = { kind: 'nodes', engine: 'redis', shards: 1, replicasPerShard: 1 };

  test('has the shape of the tier without a plan, and nodes that hold the rows of the grown peak', () => {
    // GIVEN 381 MiB of rows for each model whose million entities are all asked for within a day
    const asked = { ...spec('{}', '{}', '{}', '{}'), growth: 1000 };
    // THEN nodes of 1.4 GiB are too small for three quarters of them
    expect(redisDesign(spec('{}'))).toEqual({ ...MEDIUM, nodeType: 'cache.t4g.small' });
    expect(redisDesign(asked)).toEqual({ ...MEDIUM, nodeType: 'cache.t4g.medium' });
  });

  test('has no burstable nodes where traffic is steady and heavy', () => {
    const large = { ...spec('{}'), tier: tierOf(5000) };
    expect(redisDesign(large)).toMatchObject({ shards: 3, nodeType: 'cache.r7g.large' });
  });

  test('is the one that is priced: serverless where the spec says so, of its engine', () => {
    const { aws, ...others } = spec('{}');
    const redis = { engine: 'valkey', serverless: true } as const;
    expect(redisDesign({ ...others, aws: aws && { ...aws, redis } })).toEqual({ kind: 'serverless', engine: 'valkey' });
  });

  test('has the nodes and shards of a plan, and the copies of the tier', () => {
    const cache = { redisNodeType: 'cache.r7g.xlarge', redisShards: 2 };
    expect(redisDesign(spec('{}'), plan({}, cache))).toEqual({ ...MEDIUM, shards: 2, nodeType: 'cache.r7g.xlarge' });
  });
});
