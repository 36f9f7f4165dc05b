import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import type { RedisDesign } from '../../plan/redis-design';
import type { ObservedCache } from '../cache-metric';
import { RedisCache } from '../constructs/redis-cache';
import { ServerlessRedisCache } from '../constructs/serverless-redis-cache';
import type { SharedRedis } from '../redis-users';
import { type PlatformRegion, PlatformStack } from './platform-stack';

export interface DataStackProps extends PlatformRegion {
  readonly vpc: IVpc;
  readonly design: RedisDesign;
}

/** What replicas share. */
export class DataStack extends PlatformStack {
  readonly redis: SharedRedis;
  /** The same, for alarms and dashboards. */
  readonly observed: ObservedCache;

  constructor(scope: Construct, { vpc, design, ...place }: DataStackProps) {
    super(scope, 'data', place, 'the cache that replicas share');
    if (design.kind === 'serverless') {
      const cache = new ServerlessRedisCache(this, 'redis', { vpc, engine: design.engine });
      this.redis = cache;
      this.observed = cache;
    } else {
      const { kind: _, ...nodes } = design;
      const cache = new RedisCache(this, 'redis', { vpc, removalPolicy: this.removalPolicy, ...nodes });
      this.redis = cache;
      this.observed = cache;
    }
  }
}
