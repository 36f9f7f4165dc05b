import type { ShardNodes } from './redis-nodes';

/** Engines of ElastiCache. */
export type RedisEngine = 'redis' | 'valkey';

/** Nodes by the hour. */
export interface RedisNodes extends ShardNodes {
  readonly kind: 'nodes';
  readonly engine: RedisEngine;
  /** Copies of each shard in other zones, ready to take over. */
  readonly replicasPerShard: number;
}

/** Paid by what it holds and does. */
export interface ServerlessRedis {
  readonly kind: 'serverless';
  readonly engine: RedisEngine;
}

/** The Redis that replicas share, as it is deployed and as it is paid. */
export type RedisDesign = RedisNodes | ServerlessRedis;

/** GB that a serverless cache holds at most, where nobody says otherwise; then rows make place. */
export const SERVERLESS_MAX_GB = 10;

/** GB for which a serverless cache is paid at least (AWS: Amazon ElastiCache pricing, read on 2026-11-30). */
export const SERVERLESS_MIN_GB: Readonly<Record<RedisEngine, number>> = { redis: 1, valkey: 0.1 };
