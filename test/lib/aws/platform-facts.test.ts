import { describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { TIERS } from '../../../lib/spec/tiers';
import { platformOf } from './platforms';

interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DeletionPolicy?: string;
}

const PLATFORMS = TIERS.map(({ name }) => {
  const { stacks } = platformOf(name);
  const templates = stacks.map((stack) => ({ stack, template: Template.fromStack(stack).toJSON() }));
  const resources = templates.flatMap(({ template }): Resource[] => Object.values(template.Resources));
  const ofType = (type: string) => resources.filter(({ Type }) => Type === type);
  // What is said of each must not be true because there is none.
  const eachOf = (type: string) => {
    const found = ofType(type);
    if (found.length === 0) throw new Error(`the platform of tier ${name} has no ${type}`);
    return found;
  };
  return { tier: name, stacks, templates, ofType, eachOf };
});
const PRODUCTION = PLATFORMS.filter(({ tier }) => tier !== 'small');

describe.each(PLATFORMS)('in the tier $tier', ({ tier, stacks, templates, ofType, eachOf }) => {
  test('no load balancer is on the Internet', () => {
    for (const { Properties } of eachOf('AWS::ElasticLoadBalancingV2::LoadBalancer')) {
      expect(Properties.Scheme).toBe('internal');
    }
  });

  test('every load balancer is reached by somebody, and by nobody from everywhere', () => {
    const rules = ofType('AWS::EC2::SecurityGroupIngress');
    const toBalancer = rules.filter(({ Properties }) => JSON.stringify(Properties.GroupId).includes('loadbalancer'));
    expect(toBalancer.length).toBeGreaterThanOrEqual(ofType('AWS::ElasticLoadBalancingV2::LoadBalancer').length);
    expect(
      JSON.stringify([rules, ofType('AWS::EC2::SecurityGroup').map((group) => group.Properties.SecurityGroupIngress)]),
    ).not.toMatch(/"(?:0\.0\.0\.0\/0|::\/0)"/);
  });

  test('nodes with a GPU are tainted, start from none and run an image with drivers', () => {
    const groups = ofType('AWS::EKS::Nodegroup').filter(({ Properties }) => /"g\d/.test(JSON.stringify(Properties)));
    for (const { Properties } of groups) {
      expect(Properties).toMatchObject({
        Taints: [{ Key: 'nvidia.com/gpu', Effect: 'NO_SCHEDULE' }],
        AmiType: 'AL2023_x86_64_NVIDIA',
        ScalingConfig: { MinSize: 0 },
      });
    }
    expect(groups.length > 0).toBe(['medium', 'large'].includes(tier));
  });

  test('groups of nodes are made with the fewest, as EKS asks, and updates keep to disruption budgets', () => {
    for (const { Properties } of eachOf('AWS::EKS::Nodegroup')) {
      const { MinSize, DesiredSize, MaxSize }: Record<string, unknown> = Object(Properties.ScalingConfig);
      expect(DesiredSize).toBe(MinSize);
      expect(MaxSize).toBeGreaterThan(Number(MinSize));
      expect(Properties.ForceUpdateEnabled).toBe(false);
      expect(Properties.AmiType).toMatch(/^AL2023_/);
    }
  });

  test('Redis is reached over TLS, by users that sign in', () => {
    const caches = ofType('AWS::ElastiCache::ReplicationGroup');
    for (const { Properties } of caches) {
      expect(Properties).toMatchObject({ TransitEncryptionEnabled: true, AtRestEncryptionEnabled: true });
      expect(Properties.UserGroupIds).toHaveLength(1);
    }
    expect(caches.length > 0).toBe(tier !== 'small');
  });

  test('no bucket is public', () => {
    for (const { Properties } of eachOf('AWS::S3::Bucket')) {
      expect(Properties.PublicAccessBlockConfiguration).toEqual({
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      });
    }
  });

  test('the link to a load balancer is in a security group', () => {
    const links = ofType('AWS::ApiGatewayV2::VpcLink');
    for (const { Properties } of links) expect(Properties.SecurityGroupIds).toHaveLength(1);
    expect(links).toHaveLength(ofType('AWS::ApiGateway::RestApi').length);
  });

  test('no stack holds another by an export, which would keep it from being changed', () => {
    const text = JSON.stringify(templates.map(({ template }) => template));
    expect(text).not.toContain('Fn::ImportValue');
    for (const { template } of templates) {
      for (const output of Object.values<{ Export?: unknown }>(template.Outputs ?? {}))
        expect(output.Export).toBeUndefined();
    }
  });

  test('each stack depends on earlier ones only', () => {
    for (const [index, stack] of stacks.entries()) {
      for (const needed of stack.dependencies) expect(stacks.indexOf(needed)).toBeLessThan(index);
    }
  });

  test('everything that can be tagged says which system and part it belongs to', () => {
    for (const { stack } of templates) {
      expect(stack.tags.tagValues()).toMatchObject({
        'headroom:system': expect.any(String),
        'headroom:part': expect.any(String),
      });
    }
    for (const { Properties } of eachOf('AWS::EC2::VPC')) {
      expect(JSON.stringify(Properties.Tags)).toContain('"headroom:system"');
    }
  });

  test('alerts of Prometheus go where the alarms go, by a right of their own', () => {
    const topics = ofType('AWS::SNS::Topic');
    const charts = ofType('Custom::AWSCDK-EKS-HelmChart').map(({ Properties }) => JSON.stringify(Properties.Values));
    const publishers = ofType('AWS::IAM::Policy').filter(({ Properties }) =>
      JSON.stringify(Properties.PolicyDocument).includes('sns:Publish'),
    );
    expect(topics).not.toHaveLength(0);
    expect(charts.filter((values) => values?.includes('topic_arn'))).toHaveLength(topics.length);
    expect(publishers).toHaveLength(topics.length);
  });

  test('pods are entered in the load balancer by target group and not by a controller of their own', () => {
    const manifests = JSON.stringify(ofType('Custom::AWSCDK-EKS-KubernetesResource'));
    expect(manifests).toContain('TargetGroupBinding');
    expect(manifests).not.toMatch(/"?kind\\?"?:\\?"Ingress\\?"/);
  });
});

test('in production stacks are protected, and what holds data outlives them', () => {
  expect(PRODUCTION.map(({ stacks }) => stacks.length > 0)).toEqual([true, true, true]);
  for (const { stacks, templates, ofType, eachOf } of PRODUCTION) {
    for (const stack of stacks) expect(stack.terminationProtection).toBe(true);
    // The key of alarms locks nothing that is kept.
    const keys = ofType('AWS::KMS::Key').filter(({ Properties }) => Properties.Description !== 'Alarms');
    for (const { DeletionPolicy } of [...eachOf('AWS::S3::Bucket'), ...keys]) {
      expect(DeletionPolicy).toMatch(/^Retain/);
    }
    // But for the log of a function that only asks AWS for a number.
    const records = templates.flatMap(({ template }) =>
      Object.entries<Resource>(template.Resources).filter(
        ([id, { Type }]) => Type === 'AWS::Logs::LogGroup' && !id.startsWith('edgeorigin'),
      ),
    );
    for (const [id, { DeletionPolicy = '' }] of records) expect(`${id}: ${DeletionPolicy}`).toContain(': Retain');
  }
});

test('in development everything goes with its stack', () => {
  const [small] = PLATFORMS;
  if (small?.tier !== 'small') throw new Error('the first tier is not the small one');
  expect(small.stacks.map(({ terminationProtection }) => terminationProtection)).toEqual(small.stacks.map(() => false));
  for (const type of ['AWS::S3::Bucket', 'AWS::Logs::LogGroup', 'AWS::KMS::Key']) {
    for (const { DeletionPolicy } of small.eachOf(type)) expect([type, DeletionPolicy]).toEqual([type, 'Delete']);
  }
});
