import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { SHUTDOWN } from '../../lib/contract';
import { loadSpec } from '../../lib/spec/load';
import { readConfig } from '../../service/config';
import { SETTINGS, variableName } from '../../service/settings';
import { deployment, environmentOf } from './pod-template';
import { find, SHOP, synth } from './synth';

describe('the replicas of a pool', () => {
  const manifests = synth(SHOP);
  const { template, ...spec } = deployment(manifests, 'model-server');

  test('leave their number to the autoscaler', () => {
    expect(spec).not.toHaveProperty('replicas');
  });

  test('are replaced without taking capacity away', () => {
    expect(spec).toMatchObject({
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: '25%' } },
    });
  });

  test('run without root, without capabilities, on a read-only file system, under the default seccomp profile', () => {
    expect(template.spec).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
            privileged: false,
            readOnlyRootFilesystem: true,
            runAsNonRoot: true,
          },
        },
      ],
    });
  });

  test('have the identity that a cloud gives rights to, and no token for the API of the cluster', () => {
    expect(template.spec).toMatchObject({ serviceAccountName: 'headroom', automountServiceAccountToken: false });
    expect(find(manifests, 'ServiceAccount', 'headroom')).toEqual({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: {
        name: 'headroom',
        namespace: 'shop',
        labels: { 'app.kubernetes.io/part-of': 'shop' },
      },
      automountServiceAccountToken: false,
    });
  });

  test('are not restarted for being slow, and not restarted at all while they start', () => {
    expect(template.spec).toMatchObject({
      containers: [
        {
          startupProbe: { httpGet: { path: '/v2/health/ready', port: 8000 }, periodSeconds: 5, failureThreshold: 120 },
          readinessProbe: { httpGet: { path: '/v2/health/ready', port: 8000 }, periodSeconds: 2, failureThreshold: 2 },
          livenessProbe: { httpGet: { path: '/v2/health/live', port: 8000 }, periodSeconds: 10, failureThreshold: 6 },
        },
      ],
    });
  });

  test('are given the time that the service needs to end', () => {
    expect(template.spec).toMatchObject({ terminationGracePeriodSeconds: SHUTDOWN.graceSeconds });
    expect(SHUTDOWN.preStopSeconds + SHUTDOWN.drainSeconds).toBeLessThan(SHUTDOWN.graceSeconds);
  });

  test('spread over zones and hosts, each generation by itself', () => {
    const labelSelector = {
      matchLabels: { 'app.kubernetes.io/part-of': 'shop', 'app.kubernetes.io/name': 'model-server' },
    };
    const rest = {
      maxSkew: 1,
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector,
      matchLabelKeys: ['pod-template-hash'],
    };
    expect(template.spec).toMatchObject({
      topologySpreadConstraints: [
        { topologyKey: 'topology.kubernetes.io/zone', ...rest },
        { topologyKey: 'kubernetes.io/hostname', ...rest },
      ],
    });
  });

  test('get no variables from Services, whose names could be those of settings', () => {
    expect(template.spec).toMatchObject({ enableServiceLinks: false });
  });

  test('are selected by Service and disruption budget with the labels they have', () => {
    const labels = { 'app.kubernetes.io/part-of': 'shop', 'app.kubernetes.io/name': 'model-server' };
    expect(template.metadata).toMatchObject({ labels });
    expect(find(manifests, 'Service', 'model-server').spec).toMatchObject({ selector: labels });
    expect(find(manifests, 'PodDisruptionBudget', 'model-server-pdb').spec).toEqual({
      maxUnavailable: 1,
      selector: { matchLabels: labels },
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    });
  });
});

describe('the settings of a replica', () => {
  const manifests = synth(SHOP);

  test('are all known to the service', () => {
    const known = Object.keys(SETTINGS).map(variableName);
    expect(known).toEqual(expect.arrayContaining(Object.keys(environmentOf(manifests, 'model-server'))));
  });

  test('are read by the service as they are meant', () => {
    expect(readConfig({}, environmentOf(manifests, 'model-server'))).toMatchObject({
      host: '0.0.0.0',
      httpPort: 8000,
      adminPort: 8002,
      spec: '/etc/headroom/headroom.yaml',
      preStopMs: SHUTDOWN.preStopSeconds * 1000,
      drainTimeoutMs: SHUTDOWN.drainSeconds * 1000,
    });
  });

  test('leave a core of the limit to the event loop', () => {
    const { limits } = deployment(manifests, 'model-server').template.spec.containers[0].resources;
    const { workers, intraOpThreads } = readConfig({}, environmentOf(manifests, 'model-server'));
    expect((workers ?? 0) * intraOpThreads).toBe(Number(limits.cpu) - 1);
  });
});

describe('the spec that a pool mounts', () => {
  function mounted(text: string, pool: string): string {
    const { data } = find(synth(text), 'ConfigMap', `${pool}-config`);
    return data?.['headroom.yaml'] ?? '';
  }

  test('names the models of this pool alone, at their place in the image, with their SLO', () => {
    // GIVEN the ConfigMap as a file
    const file = join(mkdtempSync(join(tmpdir(), 'headroom-')), 'headroom.yaml');
    writeFileSync(file, mounted(SHOP, 'model-server'));
    // WHEN the service reads it
    const spec = loadSpec(file);
    // THEN
    expect(spec.models).toMatchObject([
      {
        name: 'fraud-detection',
        folder: '/app/models/fraud-detection',
        slo: { p95Ms: 100, acceptableMs: 200 },
      },
    ]);
  });

  test('keeps what the spec says of caches, features and a latency of its own', () => {
    const text = `
name: shop
models:
  m: {useCase: batch-predictions, path: models/m, peakQps: 1, pool: p, slo: {p95Ms: 7, acceptableMs: 9},
      cache: {ttlSeconds: 5}, features: {view: user}}
pools: {p: {}}`;
    const file = join(mkdtempSync(join(tmpdir(), 'headroom-')), 'headroom.yaml');
    writeFileSync(file, mounted(text, 'p'));
    expect(loadSpec(file).models).toMatchObject([
      { slo: { p95Ms: 7, acceptableMs: 9 }, cache: { ttlSeconds: 5 }, features: { view: 'user', ttlSeconds: 300 } },
    ]);
  });

  const checksum = (text: string, pool: string) =>
    deployment(synth(text), pool).template.metadata.annotations['headroom/config-sha256'];
  const CHANGED = SHOP.replace('peakQps: 600', 'peakQps: 601');

  test('rolls the pods of its pool when it changes', () => {
    expect(checksum(CHANGED, 'model-server')).not.toBe(checksum(SHOP, 'model-server'));
  });

  test('leaves the pods of other pools alone', () => {
    expect(checksum(CHANGED, 'recommender')).toBe(checksum(SHOP, 'recommender'));
  });
});

describe('a pool on GPUs', () => {
  test('asks for one, goes where it is and is let in there', () => {
    expect(deployment(synth(SHOP), 'vision').template.spec).toMatchObject({
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: 'headroom-gpu', operator: 'In', values: ['t4'] }] }],
          },
        },
      },
      tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }],
      containers: [{ resources: { limits: { 'nvidia.com/gpu': 1 } } }],
    });
  });

  test('runs the image that carries CUDA, on it', () => {
    const manifests = synth(SHOP, { image: 'headroom:1', gpuImage: 'headroom:1-gpu' });
    const imageOf = (pool: string) => deployment(manifests, pool).template.spec.containers[0].image;
    expect(['vision', 'recommender'].map(imageOf)).toEqual(['headroom:1-gpu', 'headroom:1']);
    expect(readConfig({}, environmentOf(manifests, 'vision')).provider).toBe('cuda');
    expect(readConfig({}, environmentOf(manifests, 'recommender')).provider).toBe('cpu');
  });

  test('is the only one that asks for a GPU', () => {
    const { limits } = deployment(synth(SHOP), 'model-server').template.spec.containers[0].resources;
    expect(Object.keys(limits).sort()).toEqual(['cpu', 'memory']);
  });
});
