import { CacheLayerMetrics } from '../telemetry/cache-metrics';
import type { Tensor } from '../tensor';
import { CachedModel, type Epoch, rowKeyOf } from './cached-model';
import { isDueForRenewal } from './expiry';
import { type Flight, joined } from './flight';
import { Flights } from './flights';
import type { Invalidation } from './invalidation';
import { type CachedRow, epochMs } from './kept-row';
import { entityKey, type MemoryCache } from './memory-cache';
import type { ComputeRows, RowRequest } from './row-request';
import { assemble, rowOf } from './rows';
import type { SharedRows } from './shared-rows';

/** The outputs of all rows of a request, and where the rows came from. */
export interface Resolved {
  readonly outputs: readonly Tensor[];
  /** Rows found in the cache, here or in the shared one. */
  readonly hits: number;
  /** Rows equal to one that was already on its way. */
  readonly joined: number;
  /** Rows that ran for this request. */
  readonly misses: number;
  /** The row of a request of one, where memory had it already. */
  readonly kept?: CachedRow;
}

/** Another cache that is told what this one is told to forget. */
export interface Follower {
  forget(invalidation: Invalidation): void;
  forgetAll(): void;
}

export interface PredictionCacheParts {
  readonly memory: MemoryCache;
  /** undefined: rows are only kept in this process. */
  readonly shared?: SharedRows | undefined;
  readonly metrics?: CacheLayerMetrics;
  readonly random?: () => number;
  /** See epochMs. */
  readonly now?: () => number;
  readonly follower?: Follower | undefined;
  /** Called when the cache is closed, before the shared one is. */
  readonly onClose?: () => void;
}

/**
 * Predictions by row. A row found in memory, or in the cache that replicas share, is not run; a row equal to one that is
 * on its way waits for that; only successes are kept.
 */
export class PredictionCache {
  readonly #memory: MemoryCache;
  readonly #shared: SharedRows | undefined;
  readonly #metrics: CacheLayerMetrics;
  readonly #random: () => number;
  readonly #now: () => number;
  readonly #onClose: () => void;
  readonly #follower: Follower | undefined;
  readonly #flights: Flights;
  readonly #epochs = new Map<string, Epoch>();

  constructor({ memory, shared, metrics, random, now, follower, onClose }: PredictionCacheParts) {
    this.#memory = memory;
    this.#shared = shared;
    this.#metrics = metrics ?? new CacheLayerMetrics();
    this.#random = random ?? Math.random;
    this.#now = now ?? epochMs;
    this.#onClose = onClose ?? (() => {});
    this.#follower = follower;
    this.#flights = new Flights(memory, shared, this.#metrics, this.#now, this.#random);
  }

  get sizeBytes(): number {
    return this.#memory.sizeBytes;
  }

  get rows(): number {
    return this.#memory.rows;
  }

  /** Undefined where no cache is shared. */
  get sharedIsAvailable(): boolean | undefined {
    return this.#shared?.isAvailable;
  }

  /** What {@link resolve} needs to know of a version of a model; made once for it. */
  model(name: string, digest: string, ttlMs: number): CachedModel {
    let epoch = this.#epochs.get(name);
    if (epoch === undefined) {
      epoch = { value: 0 };
      this.#epochs.set(name, epoch);
    }
    return new CachedModel(name, digest, ttlMs, epoch);
  }

  /** @throws whatever the request's own run throws */
  resolve(model: CachedModel, request: RowRequest): Promise<Resolved> {
    const [only] = request.keys;
    if (request.keys.length === 1 && only !== undefined) return this.#resolveOne(model, request, only);
    return this.#resolveMany(model, request);
  }

  /**
   * True while memory keeps exactly this row under the key and it needs no renewal; then it counts as a hit. For those who
   * hold something made from the row.
   */
  keeps(model: CachedModel, key: string, row: CachedRow): boolean {
    const nowMs = this.#now();
    const kept = this.#metrics.timeSome(() => this.#memory.get(key, nowMs, model.epoch.value));
    if (kept === undefined || kept.row !== row || isDueForRenewal(kept, nowMs, this.#random)) return false;
    this.#metrics.lookups.hit++;
    model.bypass.record(1, 1, nowMs);
    return true;
  }

  /** Forgets here and on every replica. @returns rows removed from the shared cache @throws ServiceError 503 */
  async invalidate(invalidation: Invalidation): Promise<number> {
    this.forget(invalidation);
    return (await this.#shared?.invalidate(invalidation)) ?? 0;
  }

  /** Forgets in this process, and does not keep what is on its way. */
  forget(invalidation: Invalidation): void {
    this.#shared?.forgetWritesOf(invalidation);
    this.#follower?.forget(invalidation);
    if (invalidation.scope === 'model') {
      const epoch = this.#epochs.get(invalidation.model);
      if (epoch !== undefined) epoch.value++;
    } else if (invalidation.scope === 'rows') {
      this.forgetKeys(invalidation.keys);
    } else {
      const entity = entityKey(invalidation.model, invalidation.entity);
      this.#memory.deleteEntity(entity);
      this.#flights.divertEntity(entity);
    }
  }

  /** Forgets rows in this process that changed in Redis. */
  forgetKeys(redisKeys: readonly string[]): void {
    for (const redisKey of redisKeys) {
      const key = rowKeyOf(redisKey);
      this.#memory.delete(key);
      this.#flights.divert(key);
    }
  }

  /** Forgets all in this process: invalidations may have been missed. */
  forgetAll(): void {
    for (const epoch of this.#epochs.values()) epoch.value++;
    this.#memory.clear();
    this.#follower?.forgetAll();
  }

  async close(): Promise<void> {
    this.#onClose();
    await this.#shared?.close();
  }

  /** The path of nearly every online request, without the bookkeeping that several rows need. */
  async #resolveOne(model: CachedModel, request: RowRequest, key: string): Promise<Resolved> {
    const nowMs = this.#now();
    const kept = this.#lookUp(model, request, key, 0, nowMs);
    if (kept !== undefined) return judged(model, { outputs: kept, hits: 1, joined: 0, misses: 0, kept }, nowMs);
    const flight = this.#flights.joinable(model, key);
    if (flight !== undefined) {
      const outputs = await joined(flight, request.batched);
      if (outputs !== undefined) return judged(model, { outputs, hits: 0, joined: 1, misses: 0 }, nowMs);
      return { outputs: await request.compute([0]), hits: 0, joined: 0, misses: 1 };
    }
    const { outputs, found } = await this.#flights.fly(model, request, [key], [0]);
    return judged(model, { outputs, hits: found, joined: 0, misses: 1 - found }, nowMs);
  }

  async #resolveMany(model: CachedModel, request: RowRequest): Promise<Resolved> {
    const { keys, compute } = request;
    const nowMs = this.#now();
    const rows = new Array<CachedRow | undefined>(keys.length);
    const joins: { row: number; flight: Flight }[] = [];
    const misses: number[] = [];
    const positions = new Map<string, number>();
    const repeats: { row: number; position: number }[] = [];
    for (const [row, key] of keys.entries()) {
      rows[row] = this.#lookUp(model, request, key, row, nowMs);
      if (rows[row] !== undefined) continue;
      const flight = this.#flights.joinable(model, key);
      const position = positions.get(key);
      if (flight !== undefined) joins.push({ row, flight });
      else if (position !== undefined) repeats.push({ row, position });
      else {
        positions.set(key, misses.length);
        misses.push(row);
      }
    }
    const hits = keys.length - joins.length - misses.length - repeats.length;
    const { outputs, found } =
      misses.length === 0
        ? { outputs: [], found: 0 }
        : await this.#flights.fly(model, request, [...positions.keys()], misses);
    const counts = { hits: hits + found, joined: joins.length + repeats.length, misses: misses.length - found };
    if (misses.length === keys.length) return judged(model, { outputs, ...counts }, nowMs);
    for (const [position, row] of misses.entries()) rows[row] = rowOf(outputs, position);
    for (const { row, position } of repeats) rows[row] = rowOf(outputs, position);
    await this.#settleJoins(joins, rows, compute);
    return judged(model, { outputs: assemble(rows), ...counts }, nowMs);
  }

  /** The row from memory, renewed behind the answer where its end is near. */
  #lookUp(model: CachedModel, request: RowRequest, key: string, row: number, nowMs: number): CachedRow | undefined {
    const { lookups } = this.#metrics;
    const kept = this.#metrics.timeSome(() => this.#memory.get(key, nowMs, model.epoch.value));
    if (kept === undefined) {
      lookups.miss++;
      return undefined;
    }
    if (isDueForRenewal(kept, nowMs, this.#random) && !this.#flights.has(key)) {
      lookups.stale++;
      this.#flights.renew(model, request, key, row);
    } else lookups.hit++;
    return kept.row;
  }

  /** Waits for rows of other requests; rows whose run failed are run here, since that failure may be the other's own. */
  async #settleJoins(
    joins: readonly { row: number; flight: Flight }[],
    rows: (CachedRow | undefined)[],
    compute: ComputeRows,
  ): Promise<void> {
    const failed: number[] = [];
    for (const { row, flight } of joins) {
      rows[row] = await joined(flight, true);
      if (rows[row] === undefined) failed.push(row);
    }
    if (failed.length === 0) return;
    const outputs = await compute(failed);
    for (const [position, row] of failed.entries()) rows[row] = rowOf(outputs, position);
  }
}

/** Tells the model how its rows fared, so that a cache that never hits is noticed. */
function judged(model: CachedModel, resolved: Resolved, nowMs: number): Resolved {
  const { hits, joined: spared, misses } = resolved;
  model.bypass.record(hits + spared + misses, hits + spared, nowMs);
  return resolved;
}
