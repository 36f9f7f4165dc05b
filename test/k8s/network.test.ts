import { describe, expect, test } from '@jest/globals';
import { Token } from 'aws-cdk-lib';
import { type KubernetesSettings, readSettings } from '../../k8s/settings';
import { environmentOf } from './pod-template';
import { find, SHOP, synth } from './synth';

const GENERIC = SHOP.replace('platform: eks', 'platform: generic');
const INFERENCE = { 'app.kubernetes.io/part-of': 'shop', 'app.kubernetes.io/component': 'inference' };
const CACHE = { 'app.kubernetes.io/part-of': 'shop', 'app.kubernetes.io/component': 'cache' };
const LABELLED = { namespaceSelector: { matchLabels: { 'headroom-client': 'true' } } };

test('nothing may come in or go out unless a policy says so', () => {
  expect(find(synth(SHOP), 'NetworkPolicy', 'default-deny').spec).toEqual({
    podSelector: {},
    policyTypes: ['Ingress', 'Egress'],
  });
});

describe('what may leave', () => {
  const egress = (text: string, settings: Partial<KubernetesSettings> = {}) =>
    synth(text, settings)
      .filter(({ kind }) => kind === 'NetworkPolicy')
      .filter(({ spec }) => JSON.stringify(spec).includes('"egress"'));

  test('on EKS nothing, because the replicas call nobody', () => {
    expect(egress(SHOP)).toEqual([]);
  });

  test("elsewhere the replicas' calls to the cache of the cluster and to the names of its Services", () => {
    expect(egress(GENERIC).map(({ spec }) => spec)).toEqual([
      {
        podSelector: { matchLabels: INFERENCE },
        policyTypes: ['Egress'],
        egress: [
          { to: [{ podSelector: { matchLabels: CACHE } }], ports: [{ protocol: 'TCP', port: 6379 }] },
          {
            to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } }],
            ports: [
              { protocol: 'UDP', port: 53 },
              { protocol: 'TCP', port: 53 },
            ],
          },
        ],
      },
    ]);
  });

  const DNS = {
    to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } }],
    ports: [
      { protocol: 'UDP', port: 53 },
      { protocol: 'TCP', port: 53 },
    ],
  };
  const HTTPS = {
    to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.0.0/16'] } }],
    ports: [{ protocol: 'TCP', port: 443 }],
  };
  const POD_IDENTITY = { to: [{ ipBlock: { cidr: '169.254.170.23/32' } }], ports: [{ protocol: 'TCP', port: 80 }] };
  const nearby = (port: number) => ({
    to: [{ ipBlock: { cidr: '10.1.0.0/16' } }, { namespaceSelector: {} }],
    ports: [{ protocol: 'TCP', port }],
  });
  const rules = (text: string, settings: Partial<KubernetesSettings>) =>
    egress(text, { clientCidrs: ['10.1.0.0/16'], ...settings }).map(({ spec }) => spec);
  const only = (...egress: object[]) => [
    { podSelector: { matchLabels: INFERENCE }, policyTypes: ['Egress'], egress: [...egress, DNS] },
  ];

  test('to a Redis outside the cluster: its port in the given networks', () => {
    expect(rules(SHOP, { redis: { url: 'rediss://cache:6379' } })).toEqual(only(nearby(6379)));
    expect(rules(GENERIC, { redis: { url: 'rediss://cache:6380', port: 6380 } })).toEqual(only(nearby(6380)));
  });

  test('to a Redis that is signed in to: the agent of pod identity, too', () => {
    const iam = { user: 'headroom', cacheName: 'shop' };
    expect(rules(SHOP, { redis: { url: 'rediss://cache', iam } })).toEqual(only(nearby(6379), POD_IDENTITY));
  });

  test('to a store of features: its port nearby, or HTTPS', () => {
    expect(rules(SHOP, { featureStore: { url: 'http://feast.features.svc:6566', port: 6566 } })).toEqual(
      only(nearby(6566)),
    );
    expect(rules(SHOP, { featureStore: { url: 'https://features.example' } })).toEqual(only(HTTPS, POD_IDENTITY));
  });

  test('to a table of features: HTTPS, and the agent of pod identity that signs in to it', () => {
    const { featureStore } = readSettings({ HEADROOM_FEATURE_STORE: 'dynamodb://features?region=eu-west-1' });
    expect(rules(SHOP, { ...(featureStore && { featureStore }) })).toEqual(only(HTTPS, POD_IDENTITY));
  });

  test('to a store of models: HTTPS, but not to the node itself', () => {
    const modelStore = { url: 's3://models/shop' };
    expect(rules(SHOP, { modelStore })).toEqual(only(HTTPS, POD_IDENTITY));
  });

  test('to a model with a URL: the same', () => {
    const text = SHOP.replace('path: models/recommendations', 'path: s3://models/recommendations');
    expect(rules(text, {})).toEqual(only(HTTPS, POD_IDENTITY));
  });
});

describe('a Redis outside the cluster', () => {
  const redis = { url: 'rediss://cache.example:6379', iam: { user: 'headroom', cacheName: 'shop-cache' } };

  test('is what the replicas share', () => {
    expect(environmentOf(synth(SHOP, { redis }), 'model-server')).toMatchObject({
      HEADROOM_REDIS: 'rediss://cache.example:6379',
      HEADROOM_REDIS_IAM_USER: 'headroom',
      HEADROOM_REDIS_IAM_CACHE: 'shop-cache',
    });
  });

  test('takes the place of the one in the cluster', () => {
    const manifests = synth(GENERIC, { redis: { url: redis.url } });
    expect(manifests.filter(({ metadata }) => metadata.name === 'redis')).toEqual([]);
    expect(environmentOf(manifests, 'model-server').HEADROOM_REDIS).toBe(redis.url);
  });
});

test('settings may be values that CDK knows only once it deploys', () => {
  // GIVEN
  const token = (name: string) => Token.asString({ Ref: name });
  const settings = {
    clientCidrs: [token('Cidr')],
    targetGroupArns: { recommender: token('Group') },
    redis: { url: `rediss://${token('Cache')}:6379`, iam: { user: token('User'), cacheName: token('Name') } },
    modelStore: { url: `s3://${token('Bucket')}/models` },
  };
  // WHEN
  const manifests = synth(SHOP, settings);
  // THEN
  expect(environmentOf(manifests, 'recommender')).toMatchObject({
    HEADROOM_REDIS: settings.redis.url,
    HEADROOM_REDIS_IAM_USER: settings.redis.iam.user,
    HEADROOM_REDIS_IAM_CACHE: settings.redis.iam.cacheName,
    HEADROOM_MODEL_STORE: settings.modelStore.url,
  });
  expect(find(manifests, 'TargetGroupBinding', 'recommender').spec).toMatchObject({
    targetGroupARN: settings.targetGroupArns.recommender,
  });
});

describe('the cache that replicas share', () => {
  const manifests = synth(GENERIC);

  test('is found by the replicas at its Service', () => {
    expect(environmentOf(manifests, 'model-server').HEADROOM_REDIS).toBe('redis://redis.shop.svc:6379');
    expect(find(manifests, 'Service', 'redis').spec).toMatchObject({ ports: [{ port: 6379 }], selector: CACHE });
    expect(find(manifests, 'Deployment', 'redis').spec).toMatchObject({ template: { metadata: { labels: CACHE } } });
  });

  test('is open to replicas only', () => {
    expect(find(manifests, 'NetworkPolicy', 'inference-to-cache').spec).toMatchObject({
      podSelector: { matchLabels: CACHE },
      ingress: [{ from: [{ podSelector: { matchLabels: INFERENCE } }], ports: [{ port: 6379 }] }],
    });
  });

  test('is not part of the cluster on EKS', () => {
    expect(JSON.stringify(synth(SHOP)).toLowerCase()).not.toContain('redis');
  });
});

describe('inference is reached', () => {
  const admitted = (text: string, clientCidrs: readonly string[]) =>
    find(synth(text, { clientCidrs }), 'NetworkPolicy', 'clients-to-inference').spec;
  const ports = [{ protocol: 'TCP', port: 8000 }];

  test('on EKS from the networks of the load balancer and from namespaces labelled as clients', () => {
    expect(admitted(SHOP, ['10.1.0.0/16', '10.2.0.0/16'])).toEqual({
      podSelector: { matchLabels: INFERENCE },
      policyTypes: ['Ingress'],
      ingress: [
        { from: [{ ipBlock: { cidr: '10.1.0.0/16' } }, { ipBlock: { cidr: '10.2.0.0/16' } }, LABELLED], ports },
      ],
    });
  });

  test('elsewhere from namespaces labelled as clients only', () => {
    expect(admitted(GENERIC, ['10.1.0.0/16'])).toMatchObject({ ingress: [{ from: [LABELLED], ports }] });
  });
});

describe('administration is reached', () => {
  test('from the namespace of Prometheus only', () => {
    const { spec } = find(synth(SHOP, { monitoringNamespace: 'observe' }), 'NetworkPolicy', 'prometheus-to-metrics');
    expect(spec).toMatchObject({
      podSelector: { matchLabels: INFERENCE },
      ingress: [
        {
          from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'observe' } } }],
          ports: [{ protocol: 'TCP', port: 8002 }],
        },
      ],
    });
  });

  test('by nobody where nobody scrapes', () => {
    expect(JSON.stringify(synth(SHOP, { monitoring: 'none' }))).not.toContain('prometheus-to-metrics');
  });
});

test('the namespace refuses pods that are not locked down', () => {
  expect(find(synth(SHOP), 'Namespace', 'shop').metadata.labels).toMatchObject({
    'pod-security.kubernetes.io/enforce': 'restricted',
    'elbv2.k8s.aws/pod-readiness-gate-inject': 'enabled',
  });
});

describe('a target group', () => {
  const arn = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/x/0123456789abcdef';
  const bindings = (text: string) =>
    synth(text, { targetGroupArns: { recommender: arn } }).filter(({ kind }) => kind === 'TargetGroupBinding');

  test('is bound to the Service of its pool', () => {
    expect(bindings(SHOP)).toMatchObject([
      {
        metadata: { name: 'recommender' },
        spec: { serviceRef: { name: 'recommender', port: 8000 }, targetGroupARN: arn, targetType: 'ip' },
      },
    ]);
  });

  test('is for EKS alone', () => {
    expect(bindings(GENERIC)).toEqual([]);
  });
});
