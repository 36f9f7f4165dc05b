import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import type { WrittenPlan } from '../../../lib/plan/written-plan';
import { platformOfFile, type TestPlatform } from './platforms';

/** A plan of which no number is what the spec or its tier would say. */
const PLAN: WrittenPlan = {
  specSha256: 'a'.repeat(64),
  writtenAt: '2026-11-24T12:00:00Z',
  growth: 10,
  pools: {
    vision: {
      size: { cpuMillicores: 3500, memoryMib: 6144, workers: 1, intraOpThreads: 2, cacheMib: 96 },
      minReplicas: 3,
      maxReplicas: 9,
      cpuUtilization: 41,
      nodes: { instanceType: 'g6.2xlarge', replicasPerNode: 1, today: 3, grown: 9 },
    },
  },
  cache: { memoryMib: 15_000, hitRatio: 0.4, redisNodeType: 'cache.r7g.xlarge', redisShards: 2 },
};

const folder = mkdtempSync(join(tmpdir(), 'headroom-planned-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The platform of a spec of the tier medium with these pools, and of the plan beside it. */
function platformWith(pools: string, models: string): TestPlatform {
  const spec = `name: shop
models:
${models}
pools: ${pools}
consumers: {web: {rateQps: 100, burst: 200}}
aws: {region: us-east-1}
`;
  writeFileSync(join(folder, 'headroom.yaml'), spec);
  writeFileSync(join(folder, 'headroom.plan.json'), JSON.stringify(PLAN));
  return platformOfFile(join(folder, 'headroom.yaml'));
}

const VISION = '  vision: {useCase: image-classification, path: models/vision, peakQps: 400, pool: vision}';
const FRAUD = '  fraud: {useCase: fraud-detection, path: models/fraud, peakQps: 100, pool: web}';

const ON_GPUS = platformWith('{vision: {hardware: gpu, gpu: l4}}', VISION);

function stackOf({ stacks }: TestPlatform, kind: string) {
  const found = stacks.find(({ stackName }) => stackName === `shop-${kind}`);
  if (found === undefined) throw new Error(`no stack shop-${kind}`);
  return found;
}

/** The targets of the Dockerfile that `cdk deploy` builds. */
function builtImages(platform: TestPlatform): unknown[] {
  const { directory } = platform.app.synth();
  const { artifactId } = stackOf(platform, 'workload');
  const assets: { dockerImages: Record<string, { source: { dockerBuildTarget?: string } }> } = JSON.parse(
    readFileSync(join(directory, `${artifactId}.assets.json`), 'utf8'),
  );
  return Object.values(assets.dockerImages).map(({ source }) => source.dockerBuildTarget ?? 'cpu');
}

describe('a platform with a plan beside its spec', () => {
  test('has its nodes, with room for the replicas that it allows', () => {
    Template.fromStack(stackOf(ON_GPUS, 'cluster')).hasResourceProperties('AWS::EKS::Nodegroup', {
      InstanceTypes: ['g6.2xlarge'],
      ScalingConfig: { MaxSize: 10 },
    });
  });

  test('has its Redis', () => {
    Template.fromStack(stackOf(ON_GPUS, 'data')).hasResourceProperties('AWS::ElastiCache::ReplicationGroup', {
      CacheNodeType: 'cache.r7g.xlarge',
      NumNodeGroups: 2,
    });
  });

  test('has its replicas: their size, their limits and the load at which more are added', () => {
    const manifests = JSON.stringify(Template.fromStack(stackOf(ON_GPUS, 'workload')).toJSON()).replaceAll('\\', '');
    const found = (pattern: RegExp) => [...new Set(manifests.match(pattern))].sort();
    expect(found(/"limits":{"cpu":"3.5","memory":"6144Mi"/g)).toHaveLength(1);
    expect(found(/"(?:min|max)Replicas":\d+/g)).toEqual(['"maxReplicas":9', '"minReplicas":3']);
    expect(found(/"averageUtilization":\d+/g)).toEqual(['"averageUtilization":41']);
    expect(found(/at its maximum of \d+ replicas/g)).toEqual(['at its maximum of 9 replicas']);
  });
});

describe('the images that a deployment builds', () => {
  test('are the one for GPUs alone where every pool has one', () => {
    expect(builtImages(ON_GPUS)).toEqual(['gpu']);
  });

  test('are what the pods run', () => {
    // The names that the charts have without a platform are those of nothing in its registry.
    expect(JSON.stringify(Template.fromStack(stackOf(ON_GPUS, 'workload')).toJSON())).not.toContain('headroom:latest');
  });

  test('are both where pools have GPUs and others have none', () => {
    const platform = platformWith('{vision: {hardware: gpu, gpu: l4}, web: {}}', `${VISION}\n${FRAUD}`);
    expect(builtImages(platform).sort()).toEqual(['cpu', 'gpu']);
  });

  test('are the one without CUDA where no pool has a GPU', () => {
    expect(builtImages(platformWith('{web: {}}', FRAUD))).toEqual(['cpu']);
  });
});
