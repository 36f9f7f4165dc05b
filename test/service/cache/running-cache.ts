import { pino } from 'pino';
import { Registry } from 'prom-client';
import type { CachedModel } from '../../../service/cache/cached-model';
import { openPredictionCache } from '../../../service/cache/open-prediction-cache';
import type { PredictionCache, Resolved } from '../../../service/cache/prediction-cache';
import { parseRedisAddress } from '../../../service/cache/redis-address';
import type { CredentialsProvider } from '../../../service/cache/redis-credentials';
import { CacheMetrics } from '../../../service/telemetry/cache-metrics';

export const MODEL = 'doubler';
const DIGEST = 'a1b2c3d4e5f6a7b8';

interface Options {
  readonly digest?: string;
  readonly ttlMs?: number;
  readonly credentials?: CredentialsProvider;
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
  /** How long a run takes. */
  runMs = 0;

  constructor(url: string | undefined, { digest = DIGEST, ttlMs = 60_000, credentials }: Options = {}) {
    this.cache = openPredictionCache({
      maxBytes: 1 << 20,
      redis: url === undefined ? undefined : parseRedisAddress(url, '--redis'),
      credentials,
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
        if (this.runMs > 0) await new Promise((resolve) => setTimeout(resolve, this.runMs));
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
    await until(async () => {
      const before = Number(await this.metric(HITS));
      await this.ask([-1]);
      this.cache.forgetAll();
      await this.ask([-1]);
      return (await this.metric(HITS)) > before;
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    this.ran.length = 0;
  }

  close(): Promise<void> {
    return this.cache.close();
  }
}

export const HITS = 'cache_lookups_total{cache="prediction",layer="redis",outcome="hit"}';

export function rowKey(value: number): string {
  return `row${value}`;
}

/** Waits until something is so; fails after ten seconds. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = Date.now() + 10_000;
  while (!(await isSo())) {
    if (Date.now() > endMs) throw new Error('not within ten seconds');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
