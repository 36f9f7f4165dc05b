import { pino } from 'pino';
import { Registry } from 'prom-client';
import type { CachedModel } from '../../../service/cache/cached-model';
import { encodeInvalidation, INVALIDATION_CHANNEL } from '../../../service/cache/invalidation';
import { openPredictionCache } from '../../../service/cache/open-prediction-cache';
import type { PredictionCache, Resolved } from '../../../service/cache/prediction-cache';
import { parseRedisAddress } from '../../../service/cache/redis-address';
import type { CredentialsProvider } from '../../../service/cache/redis-credentials';
import { CacheMetrics } from '../../../service/telemetry/cache-metrics';
import type { RedisServer } from '../../support/redis-server';
import { eventually } from '../../support/requests';

export const MODEL = 'doubler';
const DIGEST = 'a1b2c3d4e5f6a7b8';

interface Options {
  readonly digest?: string;
  readonly ttlMs?: number;
  readonly credentials?: CredentialsProvider;
  /** See PredictionCacheOptions. */
  readonly readBudgetMs?: number;
}

/** The prediction cache of one replica, with a model that doubles numbers, a row each. */
export class Replica {
  readonly cache: PredictionCache;
  readonly model: CachedModel;
  /** Every number that was run, in order. */
  readonly ran: number[] = [];
  /** Lines of the log. */
  readonly log: string[] = [];
  readonly #registry = new Registry();
  /** Runs that begin from now on wait for it. */
  gate: Promise<void> = Promise.resolve();
  /** Connections on which it hears of invalidations: one to each node. */
  readonly #feeds: number;
  /** How often one of them began to listen. */
  #gaps = 0;
  #isForgetting = false;
  /** Models of which an invalidation was heard. */
  readonly #heard = new Set<string>();

  constructor(url: string, { digest = DIGEST, ttlMs = 60_000, credentials, readBudgetMs }: Options = {}) {
    const redis = parseRedisAddress(url, '--redis');
    this.#feeds = redis.kind === 'cluster' ? redis.nodes.length : 1;
    this.cache = openPredictionCache({
      maxBytes: 1 << 20,
      redis,
      credentials,
      readBudgetMs,
      follower: {
        forget: ({ model }) => this.#heard.add(model),
        forgetAll: () => {
          if (!this.#isForgetting) this.#gaps++;
        },
      },
      metrics: new CacheMetrics(this.#registry),
      logger: pino({ level: 'info' }, { write: (line) => this.log.push(line) }),
    });
    this.model = this.cache.model(MODEL, digest, ttlMs);
  }

  /** Asks for some numbers in one request. */
  ask(values: readonly number[], entities?: readonly string[]): Promise<Resolved> {
    return this.cache.resolve(this.model, {
      keys: values.map(rowKey),
      batched: true,
      entities,
      compute: async (rows) => {
        const wanted = rows.map((row) => values[row] ?? Number.NaN);
        this.ran.push(...wanted);
        await this.gate;
        return [{ datatype: 'FP64', shape: [wanted.length, 1], data: Float64Array.from(wanted, (value) => 2 * value) }];
      },
    });
  }

  /** The whole key of a number in Redis. */
  redisKey(value: number): string {
    return this.model.keyPrefix + rowKey(value);
  }

  /** A sample of the metrics, such as `cache_lookups_total{cache="prediction",layer="redis",outcome="hit"}`. */
  async metric(sample: string): Promise<number> {
    const text = await this.#registry.metrics();
    return Number(
      text
        .split('\n')
        .find((line) => line.startsWith(sample))
        ?.split(' ')
        .at(-1) ?? Number.NaN,
    );
  }

  /** Waits until the connections stand, and the first invalidation can be heard. */
  async connected(): Promise<void> {
    await this.usesRedis();
    await until(() => this.#gaps >= this.#feeds);
    this.ran.length = 0;
  }

  /** Waits until a row that is only in Redis is found. */
  async usesRedis(): Promise<void> {
    await until(async () => {
      const before = await this.metric(HITS);
      await this.ask([-1]);
      this.forgetAll();
      await this.ask([-1]);
      return (await this.metric(HITS)) > before;
    });
  }

  /** Waits until it has heard of all that has happened in the server so far. */
  async caughtUp(server: RedisServer): Promise<void> {
    const model = `caught-up-${this.#heard.size}`;
    await until(async () => {
      await server.call('PUBLISH', INVALIDATION_CHANNEL, encodeInvalidation({ model, scope: 'model' }));
      return this.#heard.has(model);
    });
  }

  /** Empties its memory. */
  forgetAll(): void {
    this.#isForgetting = true;
    this.cache.forgetAll();
    this.#isForgetting = false;
  }

  close(): Promise<void> {
    return this.cache.close();
  }
}

/** Holds up whoever waits for it, until it is opened. */
export class Gate {
  #open: () => void = () => undefined;
  readonly opened = new Promise<void>((resolve) => {
    this.#open = resolve;
  });

  open(): void {
    this.#open();
  }
}

export const HITS = 'cache_lookups_total{cache="prediction",layer="redis",outcome="hit"}';

export function rowKey(value: number): string {
  return `row${value}`;
}

/** Waits until something is so. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  await eventually(
    async () => isSo(),
    (so) => so,
  );
}
