import { describe, expect, test } from '@jest/globals';
import type { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { Role } from 'aws-cdk-lib/aws-iam';
import { RedisCache, type RedisCacheProps } from '../../../../lib/aws/constructs/redis-cache';
import { existingVpc, nagFindings, testStack } from '../support';

const GROUP = 'AWS::ElastiCache::ReplicationGroup';

function make(props: Partial<RedisCacheProps> = {}): { stack: Stack; cache: RedisCache } {
  const stack = testStack();
  return { stack, cache: new RedisCache(stack, 'cache', { vpc: existingVpc(stack), ...props }) };
}

function synth(props?: Partial<RedisCacheProps>): Template {
  return Template.fromStack(make(props).stack);
}

test.each([{}, { shards: 3 }, { engine: 'valkey' }] as const)('%j is encrypted on the wire and on disk', (props) => {
  synth(props).allResourcesProperties(GROUP, {
    TransitEncryptionEnabled: true,
    TransitEncryptionMode: 'required',
    AtRestEncryptionEnabled: true,
  });
});

describe('shape', () => {
  test('one shard is a primary with a copy in another zone that takes over', () => {
    synth().hasResourceProperties(GROUP, {
      Engine: 'redis',
      EngineVersion: '7.1',
      NumCacheClusters: 2,
      NumNodeGroups: Match.absent(),
      AutomaticFailoverEnabled: true,
      MultiAZEnabled: true,
    });
  });

  test('several are a cluster, also in their parameters', () => {
    // WHEN a cache of three shards is made
    const template = synth({ shards: 3, replicasPerShard: 2 });
    // THEN group and parameters agree, without which it could not be made
    template.hasResourceProperties(GROUP, {
      NumNodeGroups: 3,
      ReplicasPerNodeGroup: 2,
      NumCacheClusters: Match.absent(),
      AutomaticFailoverEnabled: true,
      MultiAZEnabled: true,
      CacheParameterGroupName: { Ref: Match.stringLikeRegexp('parametergroup') },
    });
    template.hasResourceProperties('AWS::ElastiCache::ParameterGroup', {
      Properties: { 'cluster-enabled': 'yes' },
    });
  });

  test('a cluster without copies still has the failover that clusters must have, within one zone each', () => {
    synth({ shards: 2, replicasPerShard: 0 }).hasResourceProperties(GROUP, {
      AutomaticFailoverEnabled: true,
      MultiAZEnabled: false,
    });
  });

  test('a single node has neither, which ElastiCache would refuse', () => {
    synth({ replicasPerShard: 0 }).hasResourceProperties(GROUP, {
      NumCacheClusters: 1,
      AutomaticFailoverEnabled: false,
      MultiAZEnabled: false,
    });
  });

  test('the number of shards changes while it serves', () => {
    synth({ shards: 3 }).hasResource(GROUP, { UpdatePolicy: { UseOnlineResharding: true } });
  });

  test('valkey has its own version and parameters', () => {
    // WHEN a cache of Valkey is made
    const template = synth({ engine: 'valkey' });
    // THEN engine, parameters and users are of one kind
    template.hasResourceProperties(GROUP, { Engine: 'valkey', EngineVersion: '8.1' });
    template.hasResourceProperties('AWS::ElastiCache::ParameterGroup', { CacheParameterGroupFamily: 'valkey8' });
    template.allResourcesProperties('AWS::ElastiCache::UserGroup', { Engine: 'valkey' });
    template.allResourcesProperties('AWS::ElastiCache::User', { Engine: 'valkey' });
  });

  test.each([
    [{ shards: 0 }, 'RedisCache.shards: found 0, expected a whole number from 1 to 500'],
    [{ replicasPerShard: 6 }, 'RedisCache.replicasPerShard: found 6, expected a whole number from 0 to 5'],
  ])('%j is refused', (props, message) => {
    expect(() => make(props)).toThrow(message);
  });
});

test('what was not used for longest makes place', () => {
  synth().hasResourceProperties('AWS::ElastiCache::ParameterGroup', {
    CacheParameterGroupFamily: 'redis7',
    Properties: { 'maxmemory-policy': 'allkeys-lru' },
  });
});

test('nothing is kept in snapshots', () => {
  synth().hasResourceProperties(GROUP, { SnapshotRetentionLimit: 0 });
});

test.each(['slow-log', 'engine-log'])('the %s goes to CloudWatch, under the prefix for many writers', (LogType) => {
  // WHEN a cache is made
  const template = synth();
  // THEN it writes to a group whose name needs no entry in the account's policy, and that forgets
  template.hasResourceProperties(GROUP, {
    LogDeliveryConfigurations: Match.arrayWith([
      {
        LogType,
        LogFormat: 'json',
        DestinationType: 'cloudwatch-logs',
        DestinationDetails: {
          CloudWatchLogsDetails: { LogGroup: { Ref: Match.stringLikeRegexp(LogType.slice(0, 4)) } },
        },
      },
    ]),
  });
  template.hasResourceProperties('AWS::Logs::LogGroup', {
    LogGroupName: Match.stringLikeRegexp(`^/aws/vendedlogs/elasticache/.+/${LogType}$`),
    RetentionInDays: 30,
  });
});

describe('who may use it', () => {
  test('nobody reaches it until somebody is let in, from subnets without a way out', () => {
    // WHEN a cache is made
    const template = synth();
    // THEN its group lets nothing in, and it lies in isolated subnets over the zones
    template.hasResourceProperties('AWS::EC2::SecurityGroup', { SecurityGroupIngress: Match.absent() });
    template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
    template.hasResourceProperties('AWS::ElastiCache::SubnetGroup', {
      SubnetIds: ['isolated-1', 'isolated-2', 'isolated-3'],
    });
  });

  test('who is let in reaches its port', () => {
    // GIVEN a cache and pods
    const { stack, cache } = make();
    const pods = SecurityGroup.fromSecurityGroupId(stack, 'pods', 'sg-pods');
    // WHEN the pods are let in
    cache.connections.allowDefaultPortFrom(pods);
    // THEN it is by that port
    Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      SourceSecurityGroupId: 'sg-pods',
      FromPort: 6379,
      ToPort: 6379,
    });
  });

  test('the user signs in by IAM, for which its id must be its name, in lower case and short', () => {
    // GIVEN the user of a cache
    const { stack, cache } = make();
    const users = Template.fromStack(stack).findResources('AWS::ElastiCache::User', {
      Properties: { AuthenticationMode: { Type: 'iam' } },
    });
    // THEN there is one, as ElastiCache wants it
    expect(Object.values(users).map(({ Properties }) => [Properties.UserId, Properties.UserName])).toEqual([
      [cache.iamUser, cache.iamUser],
    ]);
    expect(cache.iamUser).toMatch(/^(?=.{1,40}$)[a-z](?:-?[a-z0-9])*$/);
  });

  test('redis: the user default, as which anybody comes, is replaced by one that is off', () => {
    // WHEN a cache of Redis is made
    const template = synth();
    // THEN the group has both, and no user that needs no name can do anything
    template.hasResourceProperties('AWS::ElastiCache::User', {
      UserName: 'default',
      UserId: Match.not('default'),
      AccessString: 'off ~* -@all',
    });
    template.hasResourceProperties('AWS::ElastiCache::UserGroup', {
      UserIds: [{ Ref: Match.stringLikeRegexp('defaultuser') }, { Ref: Match.stringLikeRegexp('user') }],
    });
    template.hasResourceProperties(GROUP, { UserGroupIds: [{ Ref: Match.stringLikeRegexp('group') }] });
  });

  test('valkey: there is no user without a password, which it refuses', () => {
    synth({ engine: 'valkey' }).allResourcesProperties('AWS::ElastiCache::User', {
      AuthenticationMode: { Type: 'iam' },
    });
  });

  test('an identity may sign in to this cache as this user, and no more', () => {
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
          {
            Action: 'elasticache:Connect',
            Effect: 'Allow',
            Resource: [
              `${arn}:user:${cache.iamUser}`,
              { 'Fn::Join': ['', [`${arn}:replicationgroup:`, stack.resolve(cache.replicationGroup.ref)]] },
            ],
          },
        ],
      },
    });
  });
});

describe('what the service is told', () => {
  test('of one shard, the address of its primary', () => {
    const { stack, cache } = make();
    expect(stack.resolve(cache.url)).toEqual({
      'Fn::Join': ['', ['rediss://', { 'Fn::GetAtt': [expect.anything(), 'PrimaryEndPoint.Address'] }, ':6379']],
    });
  });

  test('of a cluster, the address that knows all shards', () => {
    const { stack, cache } = make({ shards: 3 });
    expect(stack.resolve(cache.url)).toEqual({
      'Fn::Join': [
        '',
        ['rediss+cluster://', { 'Fn::GetAtt': [expect.anything(), 'ConfigurationEndPoint.Address'] }, ':6379'],
      ],
    });
  });
});

test('nodes are told by the names that ElastiCache gives them', () => {
  const names = (props: Partial<RedisCacheProps>) => {
    const { stack, cache } = make(props);
    return cache.nodeIds.map((id) => stack.resolve(id)['Fn::Join'][1][1]);
  };
  expect(names({})).toEqual(['-001', '-002']);
  expect(names({ shards: 2 })).toEqual(['-0001-001', '-0001-002', '-0002-001', '-0002-002']);
});

test.each([{}, { shards: 3 }, { replicasPerShard: 0 }, { engine: 'valkey' }] as const)(
  'AwsSolutions finds nothing that is not acknowledged: %j',
  (props) => {
    expect(nagFindings(make(props).stack)).toEqual([]);
  },
);
