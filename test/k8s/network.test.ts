import { describe, expect, test } from '@jest/globals';
import { find, SHOP, synth } from './synth';

const GENERIC = SHOP.replace('platform: eks', 'platform: generic');
const INFERENCE = { 'app.kubernetes.io/part-of': 'shop', 'app.kubernetes.io/component': 'inference' };
const LABELLED = { namespaceSelector: { matchLabels: { 'headroom-client': 'true' } } };

test('nothing may come in or go out unless a policy says so', () => {
  expect(find(synth(SHOP), 'NetworkPolicy', 'default-deny').spec).toEqual({
    podSelector: {},
    policyTypes: ['Ingress', 'Egress'],
  });
});

test('no policy lets anything out, because the replicas call nobody', () => {
  const policies = synth(SHOP).filter(({ kind }) => kind === 'NetworkPolicy');
  expect(JSON.stringify(policies)).not.toContain('"egress"');
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
