import { Cluster, type Redis } from 'ioredis';
import type { Logger } from 'pino';
import { sharedCacheUnreachable } from '../errors';
import type { CacheLayerMetrics } from '../telemetry/cache-metrics';
import { withinBudget } from './budget';
import { modelKeyPrefix } from './cached-model';
import { Circuit } from './circuit';
import { connectionProblem } from './connection-report';
import { entityIndexKey } from './entity-keys';
import { encodeInvalidation, INVALIDATION_CHANNEL, type Invalidation } from './invalidation';
import { epochMs, type KeptRow } from './kept-row';
import { entityKey } from './memory-cache';
import type { RedisClient } from './redis-connection';
import { decodeRow, encodeRow } from './row-codec';
import { claimRun } from './run-claim';
import type { Claim, SharedRows } from './shared-rows';
import { TurnBatch } from './turn-batch';
import { WriteBacklog } from './write-backlog';

/** What a request may lose to a Redis that does not answer. */
export const READ_BUDGET_MS = 15;
/** So that Redis answers others in between. */
const MAX_KEYS_PER_READ = 500;
/** What an operator waits for, and no request. */
const PUBLISH_BUDGET_MS = 1000;
const REMOVE_BUDGET_MS = 60_000;
const CLOSE_BUDGET_MS = 500;
/** Keys looked at in one step of a search, in which Redis does nothing else: some 0.1 ms. */
const SCAN_COUNT = 1000;

/** Rows in a Redis of any kind. It costs hits when it fails, never requests. */
export class RedisRows implements SharedRows {
  readonly #reads: Circuit;
  readonly #writes: WriteBacklog;
  readonly #batch = new TurnBatch((keys) => this.#reads.run(() => withinBudget(this.#fetch(keys), this.readBudgetMs)));

  constructor(
    private readonly client: RedisClient,
    private readonly metrics: CacheLayerMetrics,
    logger: Logger,
    private readonly readBudgetMs: number,
  ) {
    this.#reads = new Circuit({
      probe: () => withinBudget(this.#ping(), this.readBudgetMs),
      onOpen: (reason) =>
        logger.warn({ reason: connectionProblem(reason) }, 'the shared cache fails and is left alone'),
      onClose: () => logger.info('the shared cache is back'),
    });
    this.#writes = new WriteBacklog(client, metrics, logger);
  }

  get isAvailable(): boolean {
    return this.#reads.isClosed;
  }

  async read(keys: readonly string[]): Promise<readonly (KeptRow | undefined)[]> {
    const { lookups, bytes, latency } = this.metrics;
    const fromMs = performance.now();
    try {
      const entries = await this.#batch.get(keys);
      latency.observe((performance.now() - fromMs) / 1e3);
      return entries.map((entry) => {
        const row = entry === null ? undefined : this.#decode(entry);
        if (row === undefined) lookups.miss++;
        else lookups.hit++;
        bytes.read += entry?.length ?? 0;
        return row;
      });
    } catch {
      lookups.error += keys.length;
      return keys.map(() => undefined);
    }
  }

  write(key: string, row: KeptRow, entity: string | undefined): void {
    this.#writes.add(key, encodeRow(row), row.expiresMs - epochMs(), entity);
  }

  skip(rows: number): void {
    this.metrics.lookups.skipped += rows;
  }

  claim(key: string, runMs: number): Promise<Claim> {
    return claimRun(this.client, key, runMs, {
      budgetMs: this.readBudgetMs,
      read: async () => (await this.read([key]))[0],
    });
  }

  forgetWritesOf(invalidation: Invalidation): void {
    this.#writes.takeBack(invalidation);
  }

  /** See WriteBacklog. */
  isEcho(key: string): boolean {
    return this.#writes.isEcho(key);
  }

  /** See WriteBacklog. */
  forgetEchoes(): void {
    this.#writes.forgetEchoes();
  }

  async invalidate(invalidation: Invalidation): Promise<number> {
    try {
      // First the word, then the deed: what a replica writes after it has heard, it takes back itself.
      await withinBudget(
        this.client.publish(INVALIDATION_CHANNEL, encodeInvalidation(invalidation)),
        PUBLISH_BUDGET_MS,
      );
      return await withinBudget(this.#remove(invalidation), REMOVE_BUDGET_MS);
    } catch (error) {
      throw sharedCacheUnreachable(connectionProblem(error));
    }
  }

  async close(): Promise<void> {
    this.#reads.close();
    this.#writes.close();
    await withinBudget(this.client.quit(), CLOSE_BUDGET_MS).catch(() => {});
    this.client.disconnect();
  }

  /** Reads of one turn: one command for many keys where one server has them all. */
  async #fetch(keys: readonly string[]): Promise<readonly (Buffer | null)[]> {
    const { client } = this;
    // A cluster takes keys of one slot only in one command; the client sends those of a turn together anyway.
    if (client instanceof Cluster) return Promise.all(keys.map((key) => client.getBuffer(key)));
    if (keys.length <= MAX_KEYS_PER_READ) return client.mgetBuffer([...keys]);
    const parts: Promise<(Buffer | null)[]>[] = [];
    for (let from = 0; from < keys.length; from += MAX_KEYS_PER_READ) {
      parts.push(client.mgetBuffer(keys.slice(from, from + MAX_KEYS_PER_READ)));
    }
    return (await Promise.all(parts)).flat();
  }

  #decode(entry: Buffer): KeptRow | undefined {
    const row = decodeRow(entry);
    // Redis drops it by itself, but by its own clock.
    return row !== undefined && row.expiresMs > epochMs() ? row : undefined;
  }

  /** In a cluster every primary must answer, or the circuit would close and open while one of them is down. */
  #ping(): Promise<unknown> {
    return Promise.all(this.#primaries().map((node) => node.ping()));
  }

  #primaries(): readonly Redis[] {
    if (!(this.client instanceof Cluster)) return [this.client];
    const nodes = this.client.nodes('master');
    if (nodes.length === 0) throw new Error('no node of the cluster is known');
    return nodes;
  }

  async #remove(invalidation: Invalidation): Promise<number> {
    const { model } = invalidation;
    if (invalidation.scope === 'rows') return this.#unlink(invalidation.keys);
    if (invalidation.scope === 'entity') {
      const index = entityIndexKey(entityKey(model, invalidation.entity));
      const keys = await this.client.zrange(index, '0', '-1');
      return this.#unlink(keys);
    }
    const removed = await Promise.all(this.#primaries().map((node) => this.#sweep(node, `${modelKeyPrefix(model)}*`)));
    return removed.reduce((sum, count) => sum + count, 0);
  }

  /** Removes all keys of a node that match, some at a time. */
  async #sweep(node: Redis, pattern: string): Promise<number> {
    let removed = 0;
    let cursor = '0';
    do {
      const [next, keys] = await node.scan(cursor, 'MATCH', pattern, 'COUNT', SCAN_COUNT);
      removed += await this.#unlink(keys);
      cursor = next;
    } while (cursor !== '0');
    return removed;
  }

  async #unlink(keys: readonly string[]): Promise<number> {
    const counts = await Promise.all(keys.map((key) => this.client.unlink(key)));
    return counts.reduce((sum, count) => sum + count, 0);
  }
}
