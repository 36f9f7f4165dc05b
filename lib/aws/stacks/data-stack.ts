import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import type { AwsSpec } from '../checks';
import { RedisCache } from '../constructs/redis-cache';
import { ServerlessRedisCache } from '../constructs/serverless-redis-cache';
import type { SharedRedis } from '../redis-users';
import { type RedisDesign, SMALLEST_REDIS, TIER_DESIGNS } from '../tier-design';
import { type PlatformRegion, PlatformStack } from './platform-stack';

export interface DataStackProps extends PlatformRegion {
  readonly vpc: IVpc;
  readonly design: RedisDesign;
}

/** The Redis of a system: what its tier has, or the smallest where the spec asks for one; else undefined. */
export function redisDesign({ aws, tier }: AwsSpec): RedisDesign | undefined {
  return TIER_DESIGNS[tier.name].redis ?? (aws.redis === undefined ? undefined : SMALLEST_REDIS);
}

/** What replicas share. */
export class DataStack extends PlatformStack {
  readonly redis: SharedRedis;
  /** Undefined where it has no nodes to watch. */
  readonly cacheNodeIds: readonly string[] | undefined;

  constructor(scope: Construct, { vpc, design, ...place }: DataStackProps) {
    super(scope, 'data', place, 'the cache that replicas share');
    const { engine = 'redis', serverless = false } = place.spec.aws.redis ?? {};
    if (serverless) {
      this.redis = new ServerlessRedisCache(this, 'redis', { vpc, engine });
    } else {
      const cache = new RedisCache(this, 'redis', { vpc, engine, ...design });
      this.redis = cache;
      this.cacheNodeIds = cache.nodeIds;
    }
  }
}
