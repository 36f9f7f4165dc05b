import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { modelVolume } from '../../k8s/model-volume';
import { DEFAULT_SETTINGS } from '../../k8s/settings';
import { parseSpec } from '../../lib/spec/load';
import { deployment, environmentOf } from './pod-template';
import { find, SHOP, synth } from './synth';

const STORE = { modelStore: { url: 's3://models/shop' } };
const URL_SHOP = SHOP.replace('path: models/recommendations', 'path: https://cdn.example/recommendations');

describe('a pool whose models lie elsewhere', () => {
  const manifests = synth(URL_SHOP);
  const pod = deployment(manifests, 'recommender').template.spec;

  test('fetches them before the service starts, by the same image, as locked down as it', () => {
    expect(pod).toMatchObject({
      initContainers: [
        {
          name: 'models',
          image: 'headroom:latest',
          args: ['pull', '--spec', '/etc/headroom/headroom.yaml'],
          env: [{ name: 'HEADROOM_ARTIFACT_CACHE', value: '/models' }],
          resources: { limits: { cpu: '2', memory: '1024Mi' } },
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
            readOnlyRootFilesystem: true,
            runAsNonRoot: true,
          },
          volumeMounts: [
            { name: 'spec', mountPath: '/etc/headroom', readOnly: true },
            { name: 'tmp', mountPath: '/tmp' },
            { name: 'models', mountPath: '/models' },
          ],
        },
      ],
    });
  });

  test('keeps them in a volume of limited size, which the node must have room for', () => {
    expect(pod).toMatchObject({
      volumes: [{ name: 'spec' }, { name: 'tmp' }, { name: 'models', emptyDir: { sizeLimit: '3072Mi' } }],
      containers: [
        {
          resources: { requests: { 'ephemeral-storage': '3Gi' } },
          volumeMounts: [{ name: 'spec' }, { name: 'tmp' }, { name: 'models', mountPath: '/models' }],
        },
      ],
    });
    expect(environmentOf(manifests, 'recommender')).toMatchObject({
      HEADROOM_ARTIFACT_CACHE: '/models',
      HEADROOM_ARTIFACT_CACHE_MIB: '3008',
    });
  });

  test('is the only one that fetches any', () => {
    expect(deployment(manifests, 'model-server').template.spec).not.toHaveProperty('initContainers');
    expect(JSON.stringify(deployment(manifests, 'model-server'))).not.toContain('/models"');
  });
});

describe('a store of models', () => {
  test('is where every pool fetches from, before and while it serves', () => {
    const manifests = synth(SHOP, STORE);
    for (const pool of ['model-server', 'recommender', 'vision']) {
      expect(deployment(manifests, pool).template.spec).toMatchObject({
        initContainers: [
          { env: expect.arrayContaining([{ name: 'HEADROOM_MODEL_STORE', value: 's3://models/shop' }]) },
        ],
      });
      expect(environmentOf(manifests, pool).HEADROOM_MODEL_STORE).toBe('s3://models/shop');
    }
  });

  test('may hold models that no image could carry', () => {
    const outside = SHOP.replace('path: models/fraud-detection', 'path: ../fraud-detection');
    const { data } = find(synth(outside, STORE), 'ConfigMap', 'model-server-config');
    expect(data?.['headroom.yaml']).toContain('path: fraud-detection\n');
  });

  test('of which the address is not in the configuration, so that pods do not roll where only a name in CDK changes', () => {
    const checksum = (url: string) =>
      deployment(synth(SHOP, { modelStore: { url } }), 'model-server').template.metadata.annotations;
    expect(checksum('s3://a/b')).toEqual(checksum('s3://c/d'));
  });
});

describe('the volume for models', () => {
  const sizeOf = (text: string, file: string) => {
    const spec = parseSpec(text, file);
    const [pool] = spec.pools;
    return pool && modelVolume(spec, pool, { ...DEFAULT_SETTINGS, ...STORE });
  };
  const ONE = 'name: n\nmodels:\n  m: {useCase: fraud-detection, path: m, peakQps: 1, pool: p}\npools: {p: {}}\n';

  test('holds two generations of the files, in whole gibibytes', () => {
    // GIVEN 500 MiB of model, in two levels
    const directory = mkdtempSync(join(tmpdir(), 'headroom-volume-'));
    try {
      mkdirSync(join(directory, 'm', '1'), { recursive: true });
      writeFileSync(join(directory, 'm', '1', 'model.onnx'), Buffer.alloc(100));
      writeFileSync(join(directory, 'm', '1', 'weights.bin'), '');
      truncateSync(join(directory, 'm', '1', 'weights.bin'), 250 * 2 ** 20);
      writeFileSync(join(directory, 'm', 'shared.bin'), '');
      truncateSync(join(directory, 'm', 'shared.bin'), 250 * 2 ** 20);
      // WHEN, THEN
      expect(sizeOf(ONE, join(directory, 'headroom.yaml'))).toEqual({ sizeMib: 2048, cacheMib: 1984 });
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test('is that of a model of a gibibyte where the folder is not on this machine', () => {
    expect(sizeOf(ONE, '/nowhere/headroom.yaml')).toEqual({ sizeMib: 3072, cacheMib: 3008 });
  });
});
