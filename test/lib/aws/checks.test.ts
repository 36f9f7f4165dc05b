import { describe, expect, test } from '@jest/globals';
import { checkSpec } from '../../../lib/aws/checks';
import { parseSpec } from '../../../lib/spec/load';

const AWS = 'aws: {region: eu-west-1}';
const CONSUMERS = 'consumers: {web: {rateQps: 1, burst: 1}}';

/** A spec whose `name` stands in line 1, the models from line 2, pools from line 4, and then whatever is given. */
function spec({ name = 'shop', peakQps = 10, pool = '{}', rest = AWS, consumers = CONSUMERS } = {}): string {
  return `name: ${name}
models:
  fraud: {useCase: fraud-detection, path: models/fraud, peakQps: ${peakQps}, pool: main}
pools:
  main: ${pool}
${rest}
${consumers}
`;
}

function mistakes(text: string): string {
  try {
    checkSpec(parseSpec(text, 'headroom.yaml'));
    return 'none';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

test('a spec that asks for what there is passes', () => {
  expect(mistakes(spec())).toBe('none');
});

test.each([
  [
    'no word about AWS',
    spec({ rest: 'growth: 2' }),
    'headroom.yaml:1:1: aws: is missing, expected at least the region, as aws: {region: eu-west-1}',
  ],
  [
    'no word about AWS and about who may call',
    spec({ consumers: '', rest: 'growth: 2' }),
    [
      'headroom.yaml:1:1: aws: is missing, expected at least the region, as aws: {region: eu-west-1}',
      'headroom.yaml:1:1: consumers: has no entry, expected at least one, as consumers: {web: {rateQps: 100, burst: 200}}: callers are known by their API key',
    ].join('\n'),
  ],
  [
    'any other cluster',
    spec({ rest: `${AWS}\nkubernetes: {platform: generic}` }),
    'headroom.yaml:7:24: kubernetes.platform: found generic, expected eks for a platform on AWS',
  ],
  [
    'nobody who may call',
    spec({ consumers: 'consumers: {}' }),
    'headroom.yaml:7:12: consumers: has no entry, expected at least one, as consumers: {web: {rateQps: 100, burst: 200}}: callers are known by their API key',
  ],
  [
    'a region that does not exist',
    spec({ rest: 'aws: {region: eu-wset-1}' }),
    "headroom.yaml:6:15: aws.region: found 'eu-wset-1', expected a region of AWS such as eu-west-1 (did you mean eu-west-1?)",
  ],
  [
    'a region of another partition',
    spec({ rest: 'aws: {region: cn-north-1}' }),
    "headroom.yaml:6:15: aws.region: found 'cn-north-1', expected a region of AWS such as eu-west-1 (did you mean eu-north-1?)",
  ],
  [
    'a region with two zones',
    spec({ rest: 'aws: {region: us-west-1}' }),
    'headroom.yaml:6:15: aws.region: found us-west-1, which has two zones, expected a region with three',
  ],
  [
    'several regions below the tier that has them',
    spec({ peakQps: 10_000, rest: 'aws: {region: eu-west-1, regions: [us-east-1]}' }),
    'headroom.yaml:6:35: aws.regions: found us-east-1, expected no further region for the tier large: only very-large stands in several',
  ],
  [
    'a quota in the tier whose front door keeps none',
    spec({ peakQps: 20_000, consumers: 'consumers: {web: {rateQps: 1, burst: 1, quotaPerDay: 500}}' }),
    'headroom.yaml:7:54: consumers.web.quotaPerDay: found 500, expected none in the tier very-large: CloudFront takes the place of the API gateway there and keeps rates only',
  ],
  [
    'a name too long for what is made of it',
    spec({ name: 'a'.repeat(31) }),
    'headroom.yaml:1:7: name: found a name of 31 characters, expected at most 30: names on AWS are made of it',
  ],
  [
    'a name that ElastiCache refuses',
    spec({ name: 'shop--eu' }),
    "headroom.yaml:1:7: name: found 'shop--eu', expected no two hyphens in a row, which ElastiCache refuses",
  ],
  [
    'a domain longer than a certificate holds',
    spec({
      rest: `aws: {region: eu-west-1, domain: ${'a'.repeat(60)}.example.com, hostedZone: {name: example.com, id: Z1}}`,
    }),
    'headroom.yaml:6:34: aws.domain: found a name of 72 characters, expected at most 64, which a certificate holds',
  ],
  [
    'a Kubernetes API for everybody',
    spec({ rest: 'aws: {region: eu-west-1, cluster: {publicAccessCidrs: [198.51.100.0/24, 0.0.0.0/0]}}' }),
    "headroom.yaml:6:73: aws.cluster.publicAccessCidrs[1]: found '0.0.0.0/0', expected the networks of those who administer the cluster",
  ],
  [
    'a private network from which the Kubernetes API would be reached',
    spec({ rest: 'aws: {region: eu-west-1, cluster: {publicAccessCidrs: [172.31.0.0/16]}}' }),
    "headroom.yaml:6:56: aws.cluster.publicAccessCidrs[0]: found '172.31.0.0/16', expected a network of the Internet, which private ones are not",
  ],
  [
    'models for everybody',
    spec({ rest: 'aws: {region: eu-west-1, modelReaders: [0.0.0.0/0]}' }),
    "headroom.yaml:6:41: aws.modelReaders[0]: found '0.0.0.0/0', expected the networks of those who run models elsewhere",
  ],
  [
    'models read elsewhere from a region to which CloudFront delivers no logs',
    spec({ rest: 'aws: {region: ap-east-1, modelReaders: [203.0.113.0/24]}' }),
    'headroom.yaml:6:40: aws.modelReaders: found 203.0.113.0/24, expected none with the region ap-east-1: CloudFront, through which models are read elsewhere, delivers no logs there',
  ],
  [
    'a Capacity Block of a GPU of which none are sold',
    spec({ pool: '{hardware: gpu, gpu: a10g, capacity: capacity-block, capacityBlock: cr-0123456789abcdef0}' }),
    'headroom.yaml:5:46: pools.main.capacity: found capacity-block with the GPU a10g, expected one of which Capacity Blocks are sold: h100',
  ],
  [
    'a Capacity Block in several regions',
    spec({
      peakQps: 20_000,
      pool: '{hardware: gpu, gpu: h100, capacity: capacity-block, capacityBlock: cr-0123456789abcdef0}',
      rest: 'aws: {region: us-east-1, regions: [us-west-2]}',
    }),
    'headroom.yaml:5:46: pools.main.capacity: found capacity-block, which is in one region, expected no aws.regions beside it',
  ],
  [
    'signatures of AWS where CloudFront takes the place of the gateway',
    spec({ peakQps: 20_000, rest: 'aws: {region: eu-west-1, authorization: {type: iam}}' }),
    'headroom.yaml:6:48: aws.authorization.type: found iam, expected api-key in the tier very-large: CloudFront, which takes the place of the API gateway there, knows keys only',
  ],
])('%s is refused with its line', (_, text, message) => {
  expect(mistakes(text)).toBe(message);
});

test('callers that are known otherwise need no keys', () => {
  const rest = 'aws: {region: eu-west-1, authorization: {type: iam}}';
  expect(mistakes(spec({ rest, consumers: 'consumers: {}' }))).toBe('none');
});

describe('a GPU', () => {
  test('that the region does not offer is refused with those it does', () => {
    // GIVEN a pool whose GPU Ireland does not have
    const text = spec({ pool: '{hardware: gpu, gpu: l40s}' });
    // THEN the line of the GPU is named, and both ways out
    expect(mistakes(text)).toMatch(
      /^headroom.yaml:5:30: pools.main.gpu: found l40s, which eu-west-1 does not offer, expected one of its GPUs \(t4, a10g\) or a region with it \(.*us-east-1.*\)$/,
    );
  });

  test('must be in every region', () => {
    // GIVEN a GPU that the first region has and the second has not
    const text = spec({
      peakQps: 20_000,
      pool: '{hardware: gpu, gpu: a10g}',
      rest: 'aws: {region: eu-west-1, regions: [eu-west-3]}',
    });
    expect(mistakes(text)).toContain('found a10g, which eu-west-3 does not offer');
  });

  test('in a region that nobody knows about is left to AWS', () => {
    expect(mistakes(spec({ pool: '{hardware: gpu, gpu: l40s}', rest: 'aws: {region: mx-central-1}' }))).toBe('none');
  });
});

test('every mistake is told at once', () => {
  const text = spec({ name: 'shop--eu', rest: 'aws: {region: eu-wset-1}' });
  expect(mistakes(text).split('\n')).toHaveLength(2);
});
