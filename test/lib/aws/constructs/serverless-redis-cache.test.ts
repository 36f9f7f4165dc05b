import { expect, test } from '@jest/globals';
import type { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { Role } from 'aws-cdk-lib/aws-iam';
import {
  ServerlessRedisCache,
  type ServerlessRedisCacheProps,
} from '../../../../lib/aws/constructs/serverless-redis-cache';
import { existingVpc, nagFindings, testStack } from '../support';

function make(props: Partial<ServerlessRedisCacheProps> = {}): { stack: Stack; cache: ServerlessRedisCache } {
  const stack = testStack();
  return { stack, cache: new ServerlessRedisCache(stack, 'cache', { vpc: existingVpc(stack), ...props }) };
}

test('it is of one engine with its users', () => {
  for (const [engine, MajorEngineVersion] of [
    ['redis', '7'],
    ['valkey', '8'],
  ] as const) {
    const template = Template.fromStack(make({ engine }).stack);
    template.hasResourceProperties('AWS::ElastiCache::ServerlessCache', {
      Engine: engine,
      MajorEngineVersion,
      UserGroupId: { Ref: Match.stringLikeRegexp('group') },
    });
    template.allResourcesProperties('AWS::ElastiCache::UserGroup', { Engine: engine });
  }
});

test('what it may hold and do, and so cost, has an end', () => {
  Template.fromStack(make({ maxStorageGb: 20 }).stack).hasResourceProperties('AWS::ElastiCache::ServerlessCache', {
    CacheUsageLimits: { DataStorage: { Maximum: 20, Unit: 'GB' }, ECPUPerSecond: { Maximum: 100_000 } },
  });
});

test.each([
  [{ maxStorageGb: 0 }, 'ServerlessRedisCache.maxStorageGb: found 0, expected a whole number from 1 to 5000'],
  [
    { maxEcpusPerSecond: 10 },
    'ServerlessRedisCache.maxEcpusPerSecond: found 10, expected a whole number from 1000 to 15000000',
  ],
])('%j is refused', (props, message) => {
  expect(() => make(props)).toThrow(message);
});

test('its name is one that ElastiCache takes', () => {
  expect(make().cache.cache.serverlessCacheName).toMatch(/^(?=.{1,40}$)[a-z](?:-?[a-z0-9])*$/);
});

test('who signs in does so to a serverless cache of its name', () => {
  const { cache } = make();
  expect(cache.iamCacheName).toBe(`serverlesscache:${cache.cache.serverlessCacheName}`);
});

test('who is let in reaches primaries and their copies', () => {
  // GIVEN a cache and pods
  const { stack, cache } = make();
  // WHEN the pods are let in
  cache.connections.allowDefaultPortFrom(SecurityGroup.fromSecurityGroupId(stack, 'pods', 'sg-pods'));
  // THEN it is by both ports, and by nobody else
  Template.fromStack(stack).allResourcesProperties('AWS::EC2::SecurityGroupIngress', {
    SourceSecurityGroupId: 'sg-pods',
    FromPort: 6379,
    ToPort: 6380,
  });
});

test('it is a cluster behind one address', () => {
  const { stack, cache } = make();
  expect(stack.resolve(cache.url)).toEqual({
    'Fn::Join': ['', ['rediss+cluster://', { 'Fn::GetAtt': [expect.anything(), 'Endpoint.Address'] }, ':6379']],
  });
});

test('an identity may sign in to this cache as its user, and no more', () => {
  // GIVEN a cache and a role
  const { stack, cache } = make();
  const role = Role.fromRoleArn(stack, 'pods', 'arn:aws:iam::123456789012:role/pods');
  // WHEN the role may connect
  cache.grantConnect(role);
  // THEN its policy names both
  const arn = 'arn:aws:elasticache:eu-west-1:123456789012';
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: {
      Statement: [
        Match.objectLike({
          Action: 'elasticache:Connect',
          Resource: [`${arn}:${cache.iamCacheName}`, `${arn}:user:${cache.iamUser}`],
        }),
      ],
    },
  });
});

test('AwsSolutions finds nothing that is not acknowledged', () => {
  expect(nagFindings(make().stack)).toEqual([]);
});
