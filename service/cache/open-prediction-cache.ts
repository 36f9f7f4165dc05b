import type { Logger } from 'pino';
import { messageOf } from '../../lib/spec/message-of';
import type { CacheMetrics } from '../telemetry/cache-metrics';
import { reportConnection } from './connection-report';
import { InvalidationFeed } from './invalidation-feed';
import { MemoryCache } from './memory-cache';
import { type Follower, PredictionCache } from './prediction-cache';
import type { RedisAddress } from './redis-address';
import { connectForData } from './redis-connection';
import { type CredentialsProvider, renewCredentials } from './redis-credentials';
import { READ_BUDGET_MS, RedisRows } from './redis-rows';

export interface PredictionCacheOptions {
  readonly maxBytes: number;
  /** undefined: rows are only kept in this process. */
  readonly redis: RedisAddress | undefined;
  /** Instead of the user and password of the address. */
  readonly credentials?: CredentialsProvider | undefined;
  readonly follower?: Follower | undefined;
  readonly metrics: CacheMetrics;
  readonly logger: Logger;
  /** How long a request waits for Redis, in milliseconds; undefined: {@link READ_BUDGET_MS}. */
  readonly readBudgetMs?: number | undefined;
}

/** The prediction cache with its connections, which are made in the background: nothing waits for Redis. */
export function openPredictionCache(options: PredictionCacheOptions): PredictionCache {
  const { maxBytes, redis, credentials, follower, metrics, logger, readBudgetMs = READ_BUDGET_MS } = options;
  const memory = new MemoryCache(maxBytes);
  const memoryMetrics = metrics.add('prediction', 'memory');
  if (redis === undefined) return new PredictionCache({ memory, follower, metrics: memoryMetrics });

  const client = connectForData(redis, credentials !== undefined);
  reportConnection(client, { address: redis, server: 'the shared cache', logger });
  const rows: RedisRows = new RedisRows(
    client,
    metrics.add('prediction', 'redis', () => rows.isAvailable),
    logger,
    readBudgetMs,
  );
  const onError = (error: unknown) =>
    logger.warn({ reason: messageOf(error) }, 'the shared cache cannot be signed in to');
  const stopRenewal = credentials && renewCredentials(client, { provider: credentials, onError, signsInAgain: true });
  const cache = new PredictionCache({
    memory,
    shared: rows,
    follower,
    metrics: memoryMetrics,
    onClose: () => {
      stopRenewal?.();
      feed.close();
    },
  });
  const feed = new InvalidationFeed({
    address: redis,
    client,
    credentials,
    logger,
    listener: {
      onKeys: (keys) => cache.forgetKeys(keys.filter((key) => !rows.isEcho(key))),
      onInvalidation: (invalidation) => cache.forget(invalidation),
      onGap: () => {
        rows.forgetEchoes();
        cache.forgetAll();
      },
    },
  });
  return cache;
}
