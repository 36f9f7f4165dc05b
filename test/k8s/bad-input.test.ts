import { describe, expect, test } from '@jest/globals';
import { readSettings } from '../../k8s/settings';
import { SHOP, SPEC_FILE, synth } from './synth';

describe('a spec that cannot be deployed is refused with its line', () => {
  test.each([
    ['a pool without a model', 'vision: {', 'idle: {}\n  vision: {', /:11:\d+: pools\.idle: has no model/],
    ['two pools of one name', 'recommender: {', 'model-server: {', /:10:\d+: .*model-server/],
    ['an unknown GPU', 'gpu: t4', 'gpu: t5', /:11:\d+: pools\.vision\.gpu: found 't5'/],
    ['min above max', 'minReplicas: 3', 'minReplicas: 13', /:10:\d+: pools\.recommender\.minReplicas: .*13.*12/],
    [
      'a latency target of 0',
      'peakQps: 600,',
      'peakQps: 600, slo: {p95Ms: 0},',
      /:4:\d+: models\.fraud-detection\.slo\.p95Ms: found 0/,
    ],
    ['a name beyond 63 characters', 'vision', 'v'.repeat(64), /:11:\d+: pools/],
    [
      'a name that is too long once made an object',
      'vision',
      'v'.repeat(57),
      /:11:\d+: pools\.v+: found a name of 57 characters, expected at most 56: 'v+-config' would exceed 63/,
    ],
    [
      'a pool that takes the name of the cache',
      'vision',
      'redis',
      /:11:\d+: pools\.redis: found 'redis', expected another/,
    ],
    [
      'a model outside the image',
      'path: models/fraud-detection',
      'path: ../fraud-detection',
      /:4:\d+: models\.fraud-detection\.path: found '\.\.\/fraud-detection', expected a folder below models\//,
    ],
    [
      'the folder of all models',
      'path: models/fraud-detection',
      'path: models',
      /:4:\d+: models\.fraud-detection\.path: found 'models', expected a folder below models\//,
    ],
  ])('%s', (_, good, bad, message) => {
    expect(SHOP).toContain(good);
    const text = SHOP.replaceAll(good, bad);
    expect(() => synth(text)).toThrow(message);
    expect(() => synth(text)).toThrow(SPEC_FILE);
  });
});

describe('a setting that cannot be meant is refused by name', () => {
  test.each([
    ['HEADROOM_IMAGE', 'Head room', "HEADROOM_IMAGE is 'Head room', expected an image"],
    ['HEADROOM_IMAGE', '', "HEADROOM_IMAGE is '', expected an image"],
    ['HEADROOM_GPU_IMAGE', 'Head room', "HEADROOM_GPU_IMAGE is 'Head room', expected an image"],
    ['HEADROOM_MONITORING', 'yes', "HEADROOM_MONITORING is 'yes', allowed: prometheus-operator, none"],
    [
      'HEADROOM_MONITORING_NAMESPACE',
      'Obs',
      "HEADROOM_MONITORING_NAMESPACE is 'Obs', expected the name of a namespace",
    ],
    ['HEADROOM_CLIENT_CIDRS', '10.0.0.0/16,10.0.0.0', "HEADROOM_CLIENT_CIDRS is '10.0.0.0', expected networks"],
    ['HEADROOM_REDIS_URL', 'cache:6379', "HEADROOM_REDIS_URL is 'cache:6379', expected redis[s]://host[:port]"],
    ['HEADROOM_REDIS_URL', 'redis://u:secret@cache', 'HEADROOM_REDIS_URL holds credentials, which a manifest must not'],
    ['HEADROOM_REDIS_IAM_USER', 'u', 'HEADROOM_REDIS_IAM_USER is set, but HEADROOM_REDIS_IAM_CACHE is not'],
    ['HEADROOM_REDIS_IAM_CACHE', 'c', 'HEADROOM_REDIS_IAM_CACHE is set, but HEADROOM_REDIS_IAM_USER is not'],
    ['HEADROOM_MODEL_STORE', 'models', "HEADROOM_MODEL_STORE is 'models', expected s3://BUCKET/PREFIX or https"],
    [
      'HEADROOM_MODEL_STORE',
      'http://a.example/m',
      "HEADROOM_MODEL_STORE is 'http://a.example/m', expected s3://BUCKET",
    ],
    [
      'HEADROOM_FEATURE_STORE',
      'feast',
      "HEADROOM_FEATURE_STORE is 'feast', expected redis[s]://host[:port], http[s]://",
    ],
    ['HEADROOM_FEATURE_STORE', 'redis://:secret@f', 'HEADROOM_FEATURE_STORE holds credentials, which a manifest must'],
    ['HEADROOM_FEATURE_STORE', 'dynamodb://t', "HEADROOM_FEATURE_STORE is 'dynamodb://t', expected redis[s]://host[:p"],
    ['HEADROOM_FEATURE_STORE', 'dynamodb://users?table=x', 'http[s]://host[:port] or dynamodb://table[?region=eu-west'],
    [
      'HEADROOM_FEATURE_STORE_TOKEN',
      't0',
      'TOKEN is set, which a manifest must not hold; put it into a Secret and nam',
    ],
    [
      'HEADROOM_FEATURE_STORE_TOKEN_SECRET',
      'feast',
      'SECRET is set, but HEADROOM_FEATURE_STORE is not set, expected h',
    ],
    ['HEADROOM_TARGET_GROUP_ARNS', 'arn:aws:x', "HEADROOM_TARGET_GROUP_ARNS has 'arn:aws:x', expected POOL=ARN"],
  ])('%s=%s', (variable, value, message) => {
    expect(() => readSettings({ [variable]: value })).toThrow(message);
  });

  test.each([
    ['redis://features', 'feast', "SECRET is set, but HEADROOM_FEATURE_STORE is 'redis://features', expected http[s]:"],
    ['https://features', 'Feast Token', "SECRET is 'Feast Token', expected the name of a Secret, or NAME/KEY"],
    ['https://features', 'feast/', "SECRET is 'feast/', expected the name of a Secret, or NAME/KEY"],
  ])('a token of the store of features %s in the Secret %s', (url, secret, message) => {
    const variables = { HEADROOM_FEATURE_STORE: url, HEADROOM_FEATURE_STORE_TOKEN_SECRET: secret };
    expect(() => readSettings(variables)).toThrow(message);
  });

  test('a table of features in no region, away from AWS', () => {
    const generic = SHOP.replace('platform: eks', 'platform: generic');
    expect(() => synth(generic, { featureStore: { url: 'dynamodb://features' } })).toThrow(
      "HEADROOM_FEATURE_STORE is 'dynamodb://features', which names no region, and neither does the spec; expected dyn",
    );
  });

  test('signing in by IAM without TLS, or nowhere', () => {
    const iam = { HEADROOM_REDIS_IAM_USER: 'u', HEADROOM_REDIS_IAM_CACHE: 'c' };
    expect(() => readSettings({ ...iam, HEADROOM_REDIS_URL: 'redis://cache' })).toThrow('needs TLS, expected rediss');
    expect(() => readSettings(iam)).toThrow('HEADROOM_REDIS_URL, where to sign in, is not');
  });

  test('a target group of a pool that is not there', () => {
    expect(() => synth(SHOP, { targetGroupArns: { visoin: 'arn' } })).toThrow(
      "a target group is given for 'visoin', expected one of the pools model-server, recommender, vision",
    );
  });

  test.each([
    ['https://features.example/v1', 443],
    ['http://features', 80],
    ['rediss://features:7000/2', 7000],
    ['redis://features', 6379],
    ['dynamodb://features?region=eu-west-1', 443],
  ])('the port of the store of features %s is %i', (url, port) => {
    expect(readSettings({ HEADROOM_FEATURE_STORE: url }).featureStore).toEqual({ url, port });
  });

  test('and one that is well formed is taken', () => {
    const arn = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/x/0123';
    expect(
      readSettings({
        HEADROOM_IMAGE: 'localhost:5000/team/headroom:1.2',
        HEADROOM_MONITORING: 'none',
        HEADROOM_MONITORING_NAMESPACE: 'observe',
        HEADROOM_CLIENT_CIDRS: '10.0.0.0/16,10.1.0.0/16',
        HEADROOM_TARGET_GROUP_ARNS: `a=${arn},b-c=${arn}`,
        HEADROOM_REDIS_URL: 'rediss+cluster://cache.example:6380',
        HEADROOM_REDIS_IAM_USER: 'u',
        HEADROOM_REDIS_IAM_CACHE: 'c',
        HEADROOM_MODEL_STORE: 's3://models/shop/',
        HEADROOM_FEATURE_STORE: 'http://feast.features.svc:6566',
        HEADROOM_FEATURE_STORE_TOKEN_SECRET: 'feast/bearer',
      }),
    ).toEqual({
      image: 'localhost:5000/team/headroom:1.2',
      gpuImage: 'localhost:5000/team/headroom:1.2',
      monitoring: 'none',
      monitoringNamespace: 'observe',
      clientCidrs: ['10.0.0.0/16', '10.1.0.0/16'],
      targetGroupArns: { a: arn, 'b-c': arn },
      redis: { url: 'rediss+cluster://cache.example:6380', port: 6380, iam: { user: 'u', cacheName: 'c' } },
      modelStore: { url: 's3://models/shop' },
      featureStore: {
        url: 'http://feast.features.svc:6566',
        port: 6566,
        tokenSecret: { name: 'feast', key: 'bearer' },
      },
    });
  });
});
