import type { CacheLayerMetrics } from '../../telemetry/cache-metrics';
import { jitteredTtlMs } from '../expiry';
import type { FeatureView, StoredFeatures } from './feature-store';
import type { GuardedStore, StoreRead } from './guarded-store';
import type { NearCache, NearEntry } from './near-cache';

/** How long features live; all in milliseconds. */
export interface FeatureLives {
  readonly ttlMs: number;
  /** Of the knowledge that the store does not know an entity. */
  readonly unknownTtlMs: number;
  /** Beyond the end of their life, while the store fails. */
  readonly staleMs: number;
}

/** The features of an entity and where they came from; without features where there are none, or none to be had. */
export type EntityFeatures =
  | {
      readonly source: 'cached' | 'fetched' | 'stale';
      readonly features: StoredFeatures;
      /** When they were read from the store, on the clock of epochMs. */
      readonly readMs: number;
    }
  | { readonly source: 'unknown' }
  | { readonly source: 'failed'; readonly reason: string };

export interface FeatureReaderParts {
  readonly view: FeatureView;
  readonly lives: FeatureLives;
  readonly store: GuardedStore;
  readonly near: NearCache;
  readonly metrics: CacheLayerMetrics;
  /** What the keys of this reader begin with in the near cache. */
  readonly prefix: string;
  /** See epochMs. */
  readonly now: () => number;
  readonly random: () => number;
}

/** Reads features of one view by entity: from memory, else from the store, each entity once at a time. */
export class FeatureReader {
  readonly #flights = new Map<string, Promise<StoreRead>>();
  /** Counts invalidations: what was begun before the last one is not kept. */
  #epoch = 0;

  constructor(private readonly parts: FeatureReaderParts) {}

  /** @param entities without repeats @returns by position; never rejects */
  async read(entities: readonly string[]): Promise<readonly EntityFeatures[]> {
    const nowMs = this.parts.now();
    const found = entities.map((entity) => this.#lookUp(entity, nowMs));
    const missing = entities.filter((_, index) => found[index] === undefined);
    if (missing.length > 0) this.#fetch(missing.filter((entity) => !this.#flights.has(entity)));
    return Promise.all(entities.map((entity, index) => found[index] ?? this.#arrive(entity)));
  }

  forget(entity: string): void {
    this.#divert();
    this.parts.near.delete(this.parts.prefix + entity);
  }

  forgetAll(): void {
    this.#divert();
    this.parts.near.deletePrefix(this.parts.prefix);
  }

  #divert(): void {
    this.#epoch++;
    this.#flights.clear();
  }

  #lookUp(entity: string, nowMs: number): EntityFeatures | undefined {
    const { near, prefix, metrics } = this.parts;
    const entry = metrics.timeSome(() => near.get(prefix + entity));
    if (entry === undefined || nowMs >= entry.expiresMs) {
      metrics.lookups.miss++;
      return undefined;
    }
    metrics.lookups.hit++;
    const { features, readMs } = entry;
    return features === undefined ? { source: 'unknown' } : { source: 'cached', features, readMs };
  }

  /** Sends one read for all of them, which whoever wants one of them waits for. */
  #fetch(entities: readonly string[]): void {
    if (entities.length === 0) return;
    const epoch = this.#epoch;
    const reads = this.parts.store.read(this.parts.view, entities);
    for (const [index, entity] of entities.entries()) {
      const flight = reads.then((all): StoreRead => {
        const read = all[index] ?? { outcome: 'unknown' };
        if (epoch === this.#epoch) this.#keep(entity, read);
        if (this.#flights.get(entity) === flight) this.#flights.delete(entity);
        return read;
      });
      this.#flights.set(entity, flight);
    }
  }

  async #arrive(entity: string): Promise<EntityFeatures> {
    const read = await this.#flights.get(entity);
    if (read === undefined) return { source: 'unknown' };
    if (read.outcome === 'unknown') return { source: 'unknown' };
    const nowMs = this.parts.now();
    if (read.outcome === 'known') return { source: 'fetched', features: read.features, readMs: nowMs };
    return this.#stale(entity, nowMs) ?? { source: 'failed', reason: read.reason };
  }

  #keep(entity: string, read: StoreRead): void {
    if (read.outcome === 'failed') return;
    const { near, prefix, lives, now, random } = this.parts;
    const readMs = now();
    const features = read.outcome === 'known' ? read.features : undefined;
    const ttlMs = features === undefined ? lives.unknownTtlMs : lives.ttlMs;
    near.set(prefix + entity, { features, readMs, expiresMs: readMs + jitteredTtlMs(ttlMs, random()) });
  }

  /** What was known before, where the store fails. */
  #stale(entity: string, nowMs: number): EntityFeatures | undefined {
    const { near, prefix, lives, metrics } = this.parts;
    const entry: NearEntry | undefined = near.get(prefix + entity);
    if (entry?.features === undefined || nowMs >= entry.expiresMs + lives.staleMs) return undefined;
    metrics.lookups.stale++;
    return { source: 'stale', features: entry.features, readMs: entry.readMs };
  }
}
