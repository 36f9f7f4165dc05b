import { Counter, Gauge, type Registry } from 'prom-client';
import { type CacheLayer, type CacheName, METRICS } from '../../lib/contract';
import { BoundHistogram, Series } from './histogram';

/** Bounds in seconds: of memory, then around the round trip of a cache nearby, and its budget of 15 ms. */
const BUCKETS_S = [
  0.000001, 0.00001, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25,
];

/** Of so many lookups in memory one is timed: two looks at the clock take as long as the lookup. */
const LOOKUPS_PER_TIMED = 64;

/** Whether a layer has anything to count: features are written by others, and only servers are sent bytes. */
const COUNTED = {
  lookups: () => true,
  writes: (cache: CacheName) => cache === 'prediction',
  bytes: (_: CacheName, layer: CacheLayer) => layer !== 'memory' && layer !== 'file',
} as const;

/** What one layer of one cache did; plain fields, published at each scrape. */
export class CacheLayerMetrics {
  /**
   * Entries looked up. stale: answered, and renewed because their end was near; error: could not be looked up;
   * skipped: not looked up, because the layer failed lately or never hits.
   */
  readonly lookups = { hit: 0, miss: 0, stale: 0, error: 0, skipped: 0 };
  /** Entries to be kept. dropped: too much was waiting, or the layer failed lately. */
  readonly writes = { written: 0, dropped: 0, error: 0 };
  readonly bytes = { read: 0, written: 0 };
  #untimed = 0;

  constructor(
    /** Seconds of one lookup, of however many entries; of memory only some, see {@link timeSome}. */
    readonly latency: Series = new Series(BUCKETS_S),
  ) {}

  /** Does a lookup in memory, and observes how long some of them take. */
  timeSome<T>(lookUp: () => T): T {
    if (++this.#untimed < LOOKUPS_PER_TIMED) return lookUp();
    this.#untimed = 0;
    const fromMs = performance.now();
    const found = lookUp();
    this.latency.observe((performance.now() - fromMs) / 1e3);
    return found;
  }
}

/** What one layer did since the start of the process. */
export interface LayerReport extends Pick<CacheLayerMetrics, 'lookups' | 'writes' | 'bytes'> {
  readonly layer: CacheLayer;
  /** False while its circuit breaker is open. */
  readonly available: boolean;
}

/** Metrics of all caches by layer. */
export class CacheMetrics {
  readonly #layers: { cache: CacheName; layer: CacheLayer; metrics: CacheLayerMetrics; available: () => boolean }[] =
    [];
  readonly #latency: BoundHistogram<'cache' | 'layer'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#latency = new BoundHistogram({
      name: METRICS.cacheLatency,
      help: `Seconds of one lookup in a layer of a cache; in memory, of one lookup in ${LOOKUPS_PER_TIMED}.`,
      labelNames: ['cache', 'layer'],
      buckets: BUCKETS_S,
      registers,
    });
    this.#counter(METRICS.cacheLookups, 'Entries looked up in a layer of a cache.', 'outcome', 'lookups', registers);
    this.#counter(METRICS.cacheWrites, 'Entries that a layer of a cache was to keep.', 'outcome', 'writes', registers);
    this.#counter(METRICS.cacheTransfer, 'Bytes of entries from and to servers.', 'direction', 'bytes', registers);
    const layers = this.#layers;
    new Gauge({
      name: METRICS.cacheAvailable,
      help: '1 while a layer of a cache is used, 0 while it is left alone because it failed.',
      labelNames: ['cache', 'layer'],
      registers,
      collect() {
        for (const { cache, layer, available } of layers) this.set({ cache, layer }, available() ? 1 : 0);
      },
    });
  }

  /** Adds a layer; its metrics appear from then on. */
  add(cache: CacheName, layer: CacheLayer, available: () => boolean = () => true): CacheLayerMetrics {
    const metrics = new CacheLayerMetrics(this.#latency.series({ cache, layer }));
    this.#layers.push({ cache, layer, metrics, available });
    return metrics;
  }

  /** What the layers of a cache did so far. */
  report(cache: CacheName): LayerReport[] {
    return this.#layers
      .filter((each) => each.cache === cache)
      .map(({ layer, available, metrics: { lookups, writes, bytes } }) => {
        return { layer, available: available(), lookups: { ...lookups }, writes: { ...writes }, bytes: { ...bytes } };
      });
  }

  #counter(
    name: string,
    help: string,
    label: 'outcome' | 'direction',
    field: 'lookups' | 'writes' | 'bytes',
    registers: Registry[],
  ): void {
    const layers = this.#layers;
    new Counter({
      name,
      help,
      labelNames: ['cache', 'layer', label],
      registers,
      collect() {
        this.reset();
        for (const { cache, layer, metrics } of layers) {
          if (!COUNTED[field](cache, layer)) continue;
          for (const [value, count] of Object.entries(metrics[field]))
            this.inc({ cache, layer, [label]: value }, count);
        }
      },
    });
  }
}
