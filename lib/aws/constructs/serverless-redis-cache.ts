import { Names } from 'aws-cdk-lib';
import { Connections, type IVpc, Port, SecurityGroup, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { CfnServerlessCache } from 'aws-cdk-lib/aws-elasticache';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { type RedisEngine, SERVERLESS_MAX_GB } from '../../plan/redis-design';
import { checkWholeNumber } from '../check-props';
import { RedisUsers, type SharedRedis } from '../redis-users';

export interface ServerlessRedisCacheProps {
  /** With isolated subnets over two or three zones. */
  readonly vpc: IVpc;

  /** @default 'redis', version 7; or 'valkey', 8 */
  readonly engine?: RedisEngine;

  /**
   * GB that it holds at most, 1 to 5000: it is paid by what it holds.
   * @default 10
   */
  readonly maxStorageGb?: number;

  /**
   * Processing units (ECPU) a second at most, 1000 to 15000000: it is paid by these, too. A read of 1 KB is one.
   * @default 100000
   */
  readonly maxEcpusPerSecond?: number;

  /**
   * Key for what lies on disk.
   * @default the key of ElastiCache
   */
  readonly encryptionKey?: IKey;
}

const MAJOR_VERSIONS = { redis: '7', valkey: '8' } as const;
const PORT = 6379;
/** Replicas of shards are reached at the port after the first. */
const READER_PORT = 6380;
/** Length that names of serverless caches may have. */
const MAX_NAME_LENGTH = 40;
const MAX_SUBNETS = 3;

/**
 * A cache that replicas share, without nodes to choose: for traffic that comes in spikes, where what is not used is not
 * paid. It is always encrypted, over several zones and a cluster; rows with the nearest end make place first.
 */
export class ServerlessRedisCache extends Construct implements SharedRedis {
  readonly cache: CfnServerlessCache;
  readonly connections: Connections;
  readonly url: string;
  readonly port = PORT;
  readonly iamUser: string;
  readonly iamCacheName: string;
  /** Under which CloudWatch has its metrics. */
  readonly serverlessName: string;
  readonly #users: RedisUsers;

  /** @throws PropsError for limits that ElastiCache does not take */
  constructor(scope: Construct, id: string, props: ServerlessRedisCacheProps) {
    super(scope, id);
    const { vpc, engine = 'redis', maxStorageGb = SERVERLESS_MAX_GB, maxEcpusPerSecond = 100_000 } = props;
    checkWholeNumber('ServerlessRedisCache.maxStorageGb', maxStorageGb, 1, 5000);
    checkWholeNumber('ServerlessRedisCache.maxEcpusPerSecond', maxEcpusPerSecond, 1000, 15_000_000);
    const securityGroup = new SecurityGroup(this, 'security-group', {
      vpc,
      description: 'Cache that replicas share',
      allowAllOutbound: false,
    });
    this.connections = new Connections({
      securityGroups: [securityGroup],
      defaultPort: Port.tcpRange(PORT, READER_PORT),
    });
    this.#users = new RedisUsers(this, 'users', engine);
    const name = Names.uniqueResourceName(this, { maxLength: MAX_NAME_LENGTH, separator: '-' }).toLowerCase();
    this.cache = new CfnServerlessCache(this, 'cache', {
      serverlessCacheName: name,
      description: 'Predictions and features, shared by replicas',
      engine,
      majorEngineVersion: MAJOR_VERSIONS[engine],
      subnetIds: vpc.selectSubnets({ subnetType: SubnetType.PRIVATE_ISOLATED }).subnetIds.slice(0, MAX_SUBNETS),
      securityGroupIds: [securityGroup.securityGroupId],
      userGroupId: this.#users.userGroupId,
      cacheUsageLimits: {
        dataStorage: { maximum: maxStorageGb, unit: 'GB' },
        ecpuPerSecond: { maximum: maxEcpusPerSecond },
      },
      ...(props.encryptionKey && { kmsKeyId: props.encryptionKey.keyArn }),
      snapshotRetentionLimit: 0,
    });
    this.iamUser = this.#users.iamUser;
    this.serverlessName = name;
    // The token of a serverless cache says so, and one without it is refused.
    this.iamCacheName = `serverlesscache:${name}`;
    this.url = `rediss+cluster://${this.cache.attrEndpointAddress}:${PORT}`;
  }

  /** Lets an identity sign in. */
  grantConnect(grantee: IGrantable): Grant {
    return this.#users.grantConnect(grantee, 'serverlesscache', this.serverlessName);
  }
}
