import { Names, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Connections, type IVpc, Port, SecurityGroup, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { CfnParameterGroup, CfnReplicationGroup, CfnSubnetGroup } from 'aws-cdk-lib/aws-elasticache';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { RedisEngine } from '../../plan/redis-design';
import { MAX_SHARDS } from '../../plan/redis-nodes';
import { checkWholeNumber } from '../check-props';
import { namedLogGroup } from '../named-log-group';
import { RedisUsers, type SharedRedis } from '../redis-users';

export interface RedisCacheProps {
  /** With isolated subnets, over at least two zones where shards have replicas. */
  readonly vpc: IVpc;

  /** @default 'redis', version 7.1; or 'valkey', 8.1 */
  readonly engine?: RedisEngine;

  /**
   * Type of each node.
   * @default cache.t4g.small, 1.37 GiB
   */
  readonly nodeType?: string;

  /**
   * Parts into which the keys are divided, 1 to 500; more than one is cluster mode. A step between one and more makes a
   * new, empty cache.
   * @default 1
   */
  readonly shards?: number;

  /**
   * Copies of each shard in other zones, ready to take over, 0 to 5.
   * @default 1
   */
  readonly replicasPerShard?: number;

  /**
   * Key for what lies on disk.
   * @default the key of ElastiCache
   */
  readonly encryptionKey?: IKey;

  /**
   * How long slow commands and events of the engine are kept.
   * @default one month
   */
  readonly logRetention?: RetentionDays;

  /**
   * What becomes of the logs when the stack is deleted; a cache itself holds nothing that cannot be made again.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

const ENGINES = {
  redis: { version: '7.1', family: 'redis7' },
  valkey: { version: '8.1', family: 'valkey8' },
} as const;

const PORT = 6379;
const MAX_REPLICAS = 5;

/** The least recently used row makes place, with or without an end of its own: what a cache is for. */
const EVICTION_POLICY = 'allkeys-lru';

/**
 * A cache on ElastiCache that replicas share: reached from within the VPC over TLS, signed in to by IAM. Who may reach
 * it is up to its `connections`, who may sign in to {@link grantConnect}; at first nobody may.
 */
export class RedisCache extends Construct implements SharedRedis {
  readonly replicationGroup: CfnReplicationGroup;
  readonly connections: Connections;
  readonly url: string;
  readonly port = PORT;
  readonly iamUser: string;
  readonly iamCacheName: string;
  /** Ids of all nodes, which CloudWatch has its metrics under. */
  readonly nodeIds: readonly string[];
  readonly #users: RedisUsers;

  /** @throws PropsError for numbers that ElastiCache does not take */
  constructor(scope: Construct, id: string, props: RedisCacheProps) {
    super(scope, id);
    const { vpc, engine = 'redis', shards = 1, replicasPerShard = 1 } = props;
    checkWholeNumber('RedisCache.shards', shards, 1, MAX_SHARDS);
    checkWholeNumber('RedisCache.replicasPerShard', replicasPerShard, 0, MAX_REPLICAS);
    const securityGroup = new SecurityGroup(this, 'security-group', {
      vpc,
      description: 'Cache that replicas share',
      allowAllOutbound: false,
    });
    this.connections = new Connections({ securityGroups: [securityGroup], defaultPort: Port.tcp(PORT) });
    this.#users = new RedisUsers(this, 'users', engine);
    this.replicationGroup = new CfnReplicationGroup(this, 'replication-group', {
      replicationGroupDescription: 'Predictions and features, shared by replicas',
      engine,
      engineVersion: ENGINES[engine].version,
      cacheNodeType: props.nodeType ?? 'cache.t4g.small',
      ...shape(shards, replicasPerShard),
      multiAzEnabled: replicasPerShard > 0,
      cacheSubnetGroupName: this.#subnetGroup(vpc),
      cacheParameterGroupName: this.#parameterGroup(engine, shards > 1),
      securityGroupIds: [securityGroup.securityGroupId],
      port: PORT,
      transitEncryptionEnabled: true,
      transitEncryptionMode: 'required',
      atRestEncryptionEnabled: true,
      ...(props.encryptionKey && { kmsKeyId: props.encryptionKey.keyArn }),
      userGroupIds: [this.#users.userGroupId],
      autoMinorVersionUpgrade: true,
      // Rows are made again faster than they are restored.
      snapshotRetentionLimit: 0,
      logDeliveryConfigurations: this.#logs(props),
    });
    // A change of the number of shards moves keys while it serves; without this it makes a new cache.
    this.replicationGroup.cfnOptions.updatePolicy = { useOnlineResharding: true };
    this.iamUser = this.#users.iamUser;
    this.iamCacheName = this.replicationGroup.ref;
    this.url = urlOf(this.replicationGroup, shards > 1);
    this.nodeIds = nodeIds(this.replicationGroup.ref, shards, replicasPerShard);
    this.#acknowledge(replicasPerShard);
  }

  /** Lets an identity sign in. */
  grantConnect(grantee: IGrantable): Grant {
    return this.#users.grantConnect(grantee, 'replicationgroup', this.iamCacheName);
  }

  #subnetGroup(vpc: IVpc): string {
    const group = new CfnSubnetGroup(this, 'subnet-group', {
      description: 'Subnets without a way out',
      subnetIds: vpc.selectSubnets({ subnetType: SubnetType.PRIVATE_ISOLATED }).subnetIds,
    });
    return group.ref;
  }

  #parameterGroup(engine: RedisEngine, isCluster: boolean): string {
    const group = new CfnParameterGroup(this, 'parameter-group', {
      cacheParameterGroupFamily: ENGINES[engine].family,
      description: 'A cache: what is used least makes place',
      properties: { 'maxmemory-policy': EVICTION_POLICY, 'cluster-enabled': isCluster ? 'yes' : 'no' },
    });
    return group.ref;
  }

  #logs({ logRetention = RetentionDays.ONE_MONTH, removalPolicy = RemovalPolicy.RETAIN }: RedisCacheProps) {
    return (['slow-log', 'engine-log'] as const).map((logType) => {
      // Under this prefix, the permission to write takes no room in the account's resource policy, which is small.
      const name = Names.uniqueResourceName(this, { maxLength: 64, separator: '-' });
      const group = namedLogGroup(this, logType, {
        logGroupName: `/aws/vendedlogs/elasticache/${name}/${logType}`,
        retention: logRetention,
        removalPolicy,
      });
      return {
        logType,
        logFormat: 'json',
        destinationType: 'cloudwatch-logs',
        destinationDetails: { cloudWatchLogsDetails: { logGroup: group.logGroupName } },
      };
    });
  }

  #acknowledge(replicasPerShard: number): void {
    Validations.of(this.replicationGroup).acknowledge(
      {
        id: 'AwsSolutions-AEC5',
        reason: 'who may reach it is decided by its security group; another port hides nothing',
      },
      { id: 'AwsSolutions-AEC6', reason: 'callers sign in as users with IAM, which replaces the one password of AUTH' },
    );
    if (replicasPerShard === 0) {
      Validations.of(this.replicationGroup).acknowledge({
        id: 'AwsSolutions-AEC4',
        reason: 'asked for without replicas: losing it costs hits, never requests',
      });
    }
  }
}

/** One shard is a primary with copies; more are a cluster, which always has a failover. */
function shape(shards: number, replicasPerShard: number) {
  return shards === 1
    ? { numCacheClusters: 1 + replicasPerShard, automaticFailoverEnabled: replicasPerShard > 0 }
    : { numNodeGroups: shards, replicasPerNodeGroup: replicasPerShard, automaticFailoverEnabled: true };
}

function urlOf(group: CfnReplicationGroup, isCluster: boolean): string {
  return isCluster
    ? `rediss+cluster://${group.attrConfigurationEndPointAddress}:${PORT}`
    : `rediss://${group.attrPrimaryEndPointAddress}:${PORT}`;
}

/** How ElastiCache names nodes: `cache-002`, in a cluster `cache-0003-002` for the third shard. */
function nodeIds(groupId: string, shards: number, replicasPerShard: number): string[] {
  const digits = (value: number, length: number) => String(value).padStart(length, '0');
  return Array.from({ length: shards }, (_, shard) => (shards === 1 ? '' : `-${digits(shard + 1, 4)}`)).flatMap(
    (shard) => Array.from({ length: 1 + replicasPerShard }, (_, node) => `${groupId}${shard}-${digits(node + 1, 3)}`),
  );
}
