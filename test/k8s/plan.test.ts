import { describe, expect, test } from '@jest/globals';
import type { WrittenPlan } from '../../lib/plan/written-plan';
import { find, SHOP, synth } from './synth';

const PLAN: WrittenPlan = {
  specSha256: 'a'.repeat(64),
  writtenAt: '2026-11-24T12:00:00Z',
  growth: 10,
  pools: {
    recommender: {
      size: { cpuMillicores: 1500, memoryMib: 640, workers: 2, intraOpThreads: 1, cacheMib: 32 },
      minReplicas: 4,
      maxReplicas: 48,
      cpuUtilization: 42,
      nodes: { instanceType: 'c7g.xlarge', replicasPerNode: 2, today: 2, grown: 24 },
    },
  },
  cache: { memoryMib: 100, hitRatio: 0.5 },
};

describe('charts with a written plan', () => {
  const manifests = synth(SHOP, {}, PLAN);

  test('have its size of a replica, requested and not exceeded', () => {
    const { spec } = find(manifests, 'Deployment', 'recommender');
    expect(spec).toMatchObject({
      template: {
        spec: {
          containers: [
            { resources: { requests: { cpu: '1.5', memory: '640Mi' }, limits: { cpu: '1.5', memory: '640Mi' } } },
          ],
        },
      },
    });
  });

  test('have its threads and its cache', () => {
    const text = JSON.stringify(find(manifests, 'Deployment', 'recommender'));
    expect(text).toContain('{"name":"HEADROOM_WORKERS","value":"2"}');
    expect(text).toContain('{"name":"HEADROOM_CACHE_MIB","value":"32"}');
  });

  test('have its limits and its CPU target in the autoscaler', () => {
    expect(find(manifests, 'HorizontalPodAutoscaler', 'recommender-hpa').spec).toMatchObject({
      minReplicas: 4,
      maxReplicas: 48,
      metrics: [{ resource: { target: { averageUtilization: 42 } } }, {}],
    });
  });

  test('alert where its limit is reached, and not the one of the spec', () => {
    const rules = JSON.stringify(find(manifests, 'PrometheusRule', 'headroom').spec);
    expect(rules).toContain('the pool recommender runs at its maximum of 48 replicas');
  });

  test('keep the spec and the assumptions for a pool that it does not have', () => {
    expect(find(manifests, 'HorizontalPodAutoscaler', 'model-server-hpa').spec).toMatchObject({
      minReplicas: 2,
      maxReplicas: 20,
    });
  });
});
