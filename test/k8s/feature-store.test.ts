import { describe, expect, test } from '@jest/globals';
import { BATCH } from './batch';
import { deployment, environmentOf } from './pod-template';
import { SHOP, synth } from './synth';

describe('a store of features that asks for a token', () => {
  const featureStore = {
    url: 'http://feast.features.svc:6566',
    port: 6566,
    tokenSecret: { name: 'feast', key: 'bearer' },
  };
  const token = { name: 'HEADROOM_FEATURE_STORE_TOKEN', valueFrom: { secretKeyRef: { name: 'feast', key: 'bearer' } } };

  test('gets it from a Secret that the replicas name', () => {
    const { containers } = deployment(synth(SHOP, { featureStore }), 'recommender').template.spec;
    expect(containers[0].env).toContainEqual(token);
  });

  test('gets it from batch runs, too', () => {
    const job = synth(SHOP, { featureStore, batch: BATCH }).find(({ kind }) => kind === 'Job');
    expect(Object(job?.spec).template.spec.containers[0].env).toContainEqual(token);
  });

  test('and from no manifest', () => {
    expect(synth(SHOP, { featureStore }).filter(({ kind }) => kind === 'Secret')).toEqual([]);
  });
});

describe('a table of features is in the region', () => {
  const storeOf = (text: string, url: string) =>
    environmentOf(synth(text, { featureStore: { url } }), 'recommender').HEADROOM_FEATURE_STORE;

  test('of its address', () => {
    const url = 'dynamodb://features?region=eu-north-1';
    expect(storeOf(`${SHOP}aws: {region: eu-west-1}\n`, url)).toBe(url);
  });

  test('of the spec, where its address names none', () => {
    expect(storeOf(`${SHOP}aws: {region: eu-west-1}\n`, 'dynamodb://features')).toBe(
      'dynamodb://features?region=eu-west-1',
    );
  });

  test('of the cluster, which EKS tells its pods, where the spec names none', () => {
    expect(storeOf(SHOP, 'dynamodb://features')).toBe('dynamodb://features');
  });
});
