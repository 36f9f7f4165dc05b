import { describe, expect, test } from '@jest/globals';
import type { BatchSettings } from '../../k8s/batch-settings';
import { readSettings } from '../../k8s/settings';
import { BATCH } from './batch';
import { find, type Manifest, SHOP, synth } from './synth';

const jobOf = (manifests: readonly Manifest[]) => {
  const [job, ...more] = manifests.filter(({ kind }) => kind === 'Job');
  if (job === undefined || more.length > 0) throw new Error('expected one Job');
  return job;
};

describe('a batch run', () => {
  const job = jobOf(synth(SHOP, { batch: BATCH }));

  test('is a Job of which each index is a shard, that ends at once where another try would end the same', () => {
    expect(job.spec).toMatchObject({
      completionMode: 'Indexed',
      completions: 16,
      parallelism: 16,
      backoffLimitPerIndex: 3,
      podReplacementPolicy: 'Failed',
      podFailurePolicy: {
        rules: [
          { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
          { action: 'FailJob', onExitCodes: { containerName: 'headroom', operator: 'In', values: [2, 42] } },
        ],
      },
    });
  });

  test('runs the command on the files of the volume', () => {
    expect(job.spec).toMatchObject({
      template: {
        spec: {
          restartPolicy: 'Never',
          containers: [
            {
              name: 'headroom',
              args: [
                ...['batch', '--spec', '/etc/headroom/headroom.yaml', '--model', 'recommendations'],
                ...['--in', '/data/baskets', '--out', '/data/scored/today'],
                ...['--format', 'parquet', '--shards', '16', '--keep', 'user_id'],
              ],
              volumeMounts: expect.arrayContaining([{ name: 'data', mountPath: '/data' }]),
            },
          ],
          volumes: expect.arrayContaining([{ name: 'data', persistentVolumeClaim: { claimName: 'batch-data' } }]),
        },
      },
    });
  });

  test('runs the command on buckets, without a volume', () => {
    const { claim: _, ...run } = BATCH;
    const manifests = synth(SHOP, { batch: { ...run, input: 's3://shop-data/in', output: 's3://shop-data/out' } });
    const pod = Object(jobOf(manifests).spec).template.spec;
    expect(pod.containers[0].args.slice(5, 9)).toEqual(['--in', 's3://shop-data/in', '--out', 's3://shop-data/out']);
    expect(pod.volumes.map(({ name }: { name: string }) => name)).toEqual(['spec', 'tmp']);
    // They are reached by HTTPS, signed in to by the identity of the pods, which reach nothing else.
    const { egress } = Object(find(manifests, 'NetworkPolicy', 'batch-egress').spec);
    expect(egress.map(({ ports }: { ports: { port: number }[] }) => ports[0]?.port)).toEqual([443, 80, 53]);
    expect(JSON.stringify(manifests)).not.toContain('inference-egress');
  });

  test('has the pods of the pool, as locked down, but none that serve', () => {
    const { template } = Object(job.spec);
    expect(template.spec).toMatchObject({
      serviceAccountName: 'headroom',
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' }, fsGroup: 1000 },
      containers: [{ securityContext: { capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem: true } }],
    });
    const [container] = template.spec.containers;
    for (const field of ['ports', 'startupProbe', 'readinessProbe', 'livenessProbe']) {
      expect(container).not.toHaveProperty(field);
    }
    // The Service and the disruption budget of the pool select by its name.
    expect(template.metadata.labels).toEqual({
      'app.kubernetes.io/part-of': 'shop',
      'app.kubernetes.io/component': 'batch',
    });
  });

  test('on a GPU asks for one and fetches its models as the pool does', () => {
    const { template } = Object(
      jobOf(synth(SHOP, { batch: { ...BATCH, model: 'image-classification' }, modelStore: { url: 's3://m/shop' } }))
        .spec,
    );
    expect(template.spec).toMatchObject({
      tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }],
      initContainers: [{ args: ['pull', '--spec', '/etc/headroom/headroom.yaml'] }],
      containers: [{ resources: { limits: { 'nvidia.com/gpu': 1 } } }],
    });
  });

  test('has a name of its own, and the same one when it is made again', () => {
    const nameOf = (batch: BatchSettings) => jobOf(synth(SHOP, { batch })).metadata.name;
    expect(nameOf(BATCH)).toMatch(/^batch-recommendations-[0-9a-f]{8}$/);
    expect(nameOf(BATCH)).toBe(nameOf({ ...BATCH }));
    expect(nameOf({ ...BATCH, output: 'scored/tomorrow' })).not.toBe(nameOf(BATCH));
    expect(nameOf({ ...BATCH, shards: 8 })).not.toBe(nameOf(BATCH));
  });

  test('of another image is another Job, since the pods of one cannot be changed', () => {
    const nameOf = (image: string) => jobOf(synth(SHOP, { batch: BATCH, image })).metadata.name;
    expect(nameOf('headroom:2')).not.toBe(nameOf('headroom:1'));
  });

  test('may call what the pods of its pool may, but no cache', () => {
    const manifests = synth(SHOP.replace('platform: eks', 'platform: generic'), {
      batch: BATCH,
      featureStore: { url: 'http://feast.features.svc:6566', port: 6566 },
    });
    const { spec } = find(manifests, 'NetworkPolicy', 'batch-egress');
    expect(spec).toMatchObject({
      podSelector: { matchLabels: { 'app.kubernetes.io/component': 'batch' } },
      policyTypes: ['Egress'],
    });
    expect(Object(spec).egress.map(({ ports }: { ports: { port: number }[] }) => ports[0]?.port)).toEqual([6566, 53]);
  });

  test('that calls nobody may call nobody', () => {
    expect(JSON.stringify(synth(SHOP, { batch: BATCH }))).not.toContain('batch-egress');
  });

  test('of a model that the spec does not have is refused', () => {
    expect(() => synth(SHOP, { batch: { ...BATCH, model: 'm' } })).toThrow(
      "a batch run is asked of model 'm', expected one of fraud-detection, recommendations, image-classification",
    );
  });
});

describe('the settings of a batch run', () => {
  const variables = {
    HEADROOM_BATCH_MODEL: 'recommendations',
    HEADROOM_BATCH_IN: 'baskets',
    HEADROOM_BATCH_OUT: 'scored/today',
    HEADROOM_BATCH_CLAIM: 'batch-data',
  };

  test('are read from the environment', () => {
    const { keep: _, ...batch } = BATCH;
    expect(readSettings({}).batch).toBeUndefined();
    expect(readSettings(variables).batch).toEqual({ ...batch, shards: 4, format: 'jsonl' });
    const all = { HEADROOM_BATCH_SHARDS: '16', HEADROOM_BATCH_FORMAT: 'parquet', HEADROOM_BATCH_KEEP: 'user_id' };
    expect(readSettings({ ...variables, ...all }).batch).toEqual(BATCH);
  });

  test('need no volume where all is in buckets', () => {
    const buckets = { HEADROOM_BATCH_IN: 's3://data/in/', HEADROOM_BATCH_OUT: 's3://data/out' };
    const { batch } = readSettings({ ...variables, ...buckets, HEADROOM_BATCH_CLAIM: undefined });
    expect(batch).toMatchObject({ input: 's3://data/in', output: 's3://data/out' });
    expect(batch).not.toHaveProperty('claim');
  });

  test.each([
    [{ HEADROOM_BATCH_IN: 's3://data/in', HEADROOM_BATCH_CLAIM: undefined }, 'but HEADROOM_BATCH_CLAIM is not, expe'],
    [
      { HEADROOM_BATCH_IN: 'gs://data/in' },
      "HEADROOM_BATCH_IN is 'gs://data/in', expected a path in the volume or s3:",
    ],
    [{ HEADROOM_BATCH_IN: '/etc' }, "HEADROOM_BATCH_IN is '/etc', expected a path in the volume"],
    [{ HEADROOM_BATCH_OUT: 'a/../../b' }, "HEADROOM_BATCH_OUT is 'a/../../b', expected a path in the volume"],
    [{ HEADROOM_BATCH_SHARDS: '0' }, "HEADROOM_BATCH_SHARDS is '0', expected a whole number"],
    [{ HEADROOM_BATCH_FORMAT: 'csv' }, "HEADROOM_BATCH_FORMAT is 'csv', allowed: jsonl, parquet"],
    [{ HEADROOM_BATCH_CLAIM: undefined }, 'HEADROOM_BATCH_MODEL is set, but HEADROOM_BATCH_CLAIM is not, expected the'],
  ])('%j is refused', (change, message) => {
    expect(() => readSettings({ ...variables, ...change })).toThrow(message);
  });
});
