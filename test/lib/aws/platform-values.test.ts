import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { loadSpec, parseSpec } from '../../../lib/spec/load';
import { platformFrom } from './platforms';

const EXAMPLES = join(__dirname, '../../../examples');

type Properties = Readonly<Record<string, unknown>>;

/** Properties of all resources of a type in a platform, those of the first region first. */
function propertiesOf(stacks: ReturnType<typeof platformFrom>['stacks'], type: string): Properties[] {
  return stacks.flatMap((stack) =>
    Object.values(Template.fromStack(stack).findResources(type)).map(({ Properties }) => Properties),
  );
}

/** What decides about money, limits and failure, so that a change of any of it is seen as what it is. */
function valuesOf(tier: string) {
  const { stacks } = platformFrom(loadSpec(join(EXAMPLES, `${tier}.yaml`)));
  const all = (type: string) => propertiesOf(stacks, type);
  return {
    natGateways: all('AWS::EC2::NatGateway').length,
    interfaceEndpoints: all('AWS::EC2::VPCEndpoint').filter(({ VpcEndpointType: type }) => type === 'Interface').length,
    nodes: all('AWS::EKS::Nodegroup').map(({ InstanceTypes, CapacityType, ScalingConfig }) => {
      const { MinSize, MaxSize }: Properties = Object(ScalingConfig);
      return `${InstanceTypes} ${CapacityType} ${MinSize}-${MaxSize}`;
    }),
    redis: all('AWS::ElastiCache::ReplicationGroup').map(
      ({ CacheNodeType, NumNodeGroups = 1, ReplicasPerNodeGroup, NumCacheClusters }) =>
        `${NumNodeGroups} x ${ReplicasPerNodeGroup ?? Number(NumCacheClusters) - 1} copies of ${CacheNodeType}`,
    ),
    plans: all('AWS::ApiGateway::UsagePlan').map(({ Throttle, Quota }) => {
      const { RateLimit, BurstLimit }: Properties = Object(Throttle);
      const { Limit = 'no quota' }: Properties = Object(Quota);
      return `${RateLimit}/s, ${BurstLimit} at once, ${Limit}`;
    }),
    gatewayTimeoutsMs: [
      ...new Set(all('AWS::ApiGateway::Method').map(({ Integration }) => Object(Integration).TimeoutInMillis)),
    ],
    listeners: all('AWS::ElasticLoadBalancingV2::Listener').map(({ Protocol, Port }) => `${Protocol} ${Port}`),
    keptDays: [...new Set(all('AWS::Logs::LogGroup').map(({ RetentionInDays }) => Number(RetentionInDays)))].sort(
      (a, b) => a - b,
    ),
    budgetUsd: all('AWS::Budgets::Budget').map(({ Budget }) => Object(Budget).BudgetLimit.Amount),
  };
}

test('the tier small has one of everything, and no Redis', () => {
  expect(valuesOf('small')).toEqual({
    natGateways: 1,
    interfaceEndpoints: 0,
    nodes: ['m7g.large ON_DEMAND 1-3', 'c7g.xlarge ON_DEMAND 1-3'],
    redis: [],
    plans: ['50/s, 100 at once, 500000'],
    gatewayTimeoutsMs: [1200],
    listeners: ['HTTP 80'],
    keptDays: [30, 90, 731],
    budgetUsd: [700],
  });
});

test('the tier medium stands on three zones, with a spare of each', () => {
  expect(valuesOf('medium')).toEqual({
    natGateways: 3,
    interfaceEndpoints: 9,
    nodes: ['m7g.large ON_DEMAND 2-4', 'c7g.2xlarge ON_DEMAND 2-5', 'g4dn.xlarge ON_DEMAND 0-5'],
    redis: ['1 x 1 copies of cache.t4g.small'],
    plans: ['400/s, 800 at once, no quota', '60/s, 120 at once, 1000000'],
    gatewayTimeoutsMs: [1500],
    listeners: ['HTTP 80'],
    keptDays: [30, 90, 731],
    budgetUsd: [4500],
  });
});

test('the tier large has a cluster of Redis, and TLS behind its gateway', () => {
  expect(valuesOf('large')).toEqual({
    natGateways: 3,
    interfaceEndpoints: 9,
    nodes: ['m7g.large ON_DEMAND 2-4', 'c7g.2xlarge ON_DEMAND 2-21', 'g5.xlarge ON_DEMAND 0-9'],
    redis: ['3 x 1 copies of cache.r7g.large'],
    plans: ['3000/s, 5000 at once, no quota', '1500/s, 3000 at once, no quota', '200/s, 400 at once, 5000000'],
    gatewayTimeoutsMs: [1500],
    listeners: ['HTTPS 443'],
    keptDays: [30, 90, 731],
    budgetUsd: [30_000],
  });
});

test('the tier very large has all of it in each region, and no gateway', () => {
  const nodes = ['m7g.large ON_DEMAND 3-5', 'c7g.4xlarge ON_DEMAND 2-30'];
  const redis = '6 x 1 copies of cache.r7g.large';
  expect(valuesOf('very-large')).toEqual({
    natGateways: 6,
    interfaceEndpoints: 18,
    nodes: [...nodes, ...nodes],
    redis: [redis, redis],
    plans: [],
    gatewayTimeoutsMs: [],
    listeners: ['HTTPS 443', 'HTTPS 443'],
    keptDays: [30, 90, 731],
    budgetUsd: [100_000],
  });
});

describe('pods', () => {
  test('have a role that is told, for the policies of buckets that they are to use', () => {
    const { stacks } = platformFrom(loadSpec(join(EXAMPLES, 'small.yaml')));
    const [workload] = stacks.filter(({ stackName }) => stackName === 'loans-workload');
    if (workload === undefined) throw new Error('the example has no workload');
    const template = Template.fromStack(workload);
    const [role] = Object.entries(template.findResources('AWS::IAM::Role')).filter(([, { Properties }]) =>
      String(Properties.Description).endsWith('loans/headroom'),
    );
    template.hasOutput('PodRoleArn', { Value: { 'Fn::GetAtt': [role?.[0], 'Arn'] } });
  });

  test('may fetch models and sign in to Redis, and nothing else', () => {
    const { stacks } = platformFrom(loadSpec(join(EXAMPLES, 'medium.yaml')));
    const workload = stacks.filter(({ stackName }) => stackName === 'library-workload');
    const actions = propertiesOf(workload, 'AWS::IAM::Policy').map(({ PolicyDocument }) =>
      Object(PolicyDocument).Statement.map(({ Action }: Properties) => Action),
    );
    expect(actions).toEqual([['s3:GetObject', 'elasticache:Connect']]);
  });
});

describe('in a region to whose buckets CloudFront delivers no logs', () => {
  test('the tier large has no second way in: a distribution that is to write there is refused', () => {
    // GIVEN the example of the tier in Hong Kong, with neither GPUs, which it has other ones of, nor readers elsewhere
    const text = readFileSync(join(EXAMPLES, 'large.yaml'), 'utf8')
      .replace('region: eu-west-1', 'region: ap-east-1')
      .replace(/hardware: gpu, gpu: a10g, /, '')
      .replace(/ *modelReaders:.*\n/, '');
    // WHEN its platform is made
    const { stacks } = platformFrom(parseSpec(text, join(EXAMPLES, 'large.yaml')));
    // THEN it has its gateway, and no distribution
    expect(propertiesOf(stacks, 'AWS::CloudFront::Distribution')).toEqual([]);
    expect(propertiesOf(stacks, 'AWS::ApiGateway::RestApi')).toHaveLength(1);
  });
});

describe('a pool of a fixed size', () => {
  test('always stands at its maximum, which is no alarm', () => {
    // GIVEN the smallest example with one replica, never more
    const text = readFileSync(join(EXAMPLES, 'small.yaml'), 'utf8').replace('maxReplicas: 2', 'maxReplicas: 1');
    const { stacks } = platformFrom(parseSpec(text, join(EXAMPLES, 'small.yaml')));
    // THEN nobody is told that it cannot grow
    const alarms = JSON.stringify(propertiesOf(stacks, 'AWS::CloudWatch::Alarm'));
    expect(alarms).toContain('no replica is ready');
    expect(alarms).not.toContain('cannot grow');
  });
});

describe('a Redis without nodes', () => {
  test('is watched under the name that it has', () => {
    // GIVEN the example of the tier medium with a serverless cache
    const file = join(EXAMPLES, 'medium.yaml');
    const text = readFileSync(file, 'utf8').replace(/^aws:\n/m, 'aws:\n  redis: {serverless: true}\n');
    const { stacks } = platformFrom(parseSpec(text, file));
    // THEN its alarm asks for the name that its resource is given
    const [cache] = propertiesOf(stacks, 'AWS::ElastiCache::ServerlessCache');
    const [alarm] = propertiesOf(stacks, 'AWS::CloudWatch::Alarm').filter(
      ({ MetricName }) => MetricName === 'ThrottledCmds',
    );
    expect(alarm?.Dimensions).toEqual([{ Name: 'clusterId', Value: cache?.ServerlessCacheName }]);
  });
});
