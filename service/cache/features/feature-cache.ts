import { join } from 'node:path';
import type { Logger } from 'pino';
import { lazyCredentials } from '../../aws-credentials';
import type { CacheLayerMetrics, CacheMetrics } from '../../telemetry/cache-metrics';
import type { Invalidation } from '../invalidation';
import { epochMs } from '../kept-row';
import { DynamoFeatureStore } from './dynamo-store';
import { type FeatureLives, FeatureReader } from './feature-reader';
import type { FeatureStore, FeatureView } from './feature-store';
import { FileStore } from './file-store';
import { GuardedStore } from './guarded-store';
import { HttpFeatureStore } from './http-store';
import { NearCache } from './near-cache';
import { RedisFeatureStore } from './redis-store';
import type { FeatureStoreAddress } from './store-address';

export interface FeatureCacheOptions {
  /** The store of all views; undefined: each reads the file beside its model.yaml. */
  readonly address: FeatureStoreAddress | undefined;
  readonly metrics: CacheMetrics;
  readonly logger: Logger;
}

/** Which features of which model are read. */
export interface ViewOfModel {
  readonly model: string;
  readonly view: FeatureView;
  readonly lives: FeatureLives;
  /** Absolute; undefined: the model has none. */
  readonly file: string | undefined;
}

/** The features of all models: one store for all that the operator names, else the files of the models. */
export class FeatureCache {
  readonly #near = new NearCache();
  readonly #memoryMetrics: CacheLayerMetrics;
  readonly #shared: GuardedStore | undefined;
  readonly #files = new Map<string, GuardedStore>();
  #fileMetrics: CacheLayerMetrics | undefined;
  /** By model, then by what is read: versions that read the same share what is known. */
  readonly #readers = new Map<string, Map<string, FeatureReader>>();

  constructor(private readonly options: FeatureCacheOptions) {
    const { address, metrics } = options;
    this.#memoryMetrics = metrics.add('feature', 'memory');
    if (address !== undefined) this.#shared = this.#guard(this.#open(address));
  }

  /** Held in this process. */
  get sizeBytes(): number {
    return this.#near.sizeBytes;
  }

  /** Reads the features of a model's view; undefined where there is no store to read them from. */
  reader({ model, view, lives, file }: ViewOfModel): FeatureReader | undefined {
    const store = this.#shared ?? (file === undefined ? undefined : this.#fileStore(file, view.joinKey));
    if (store === undefined) return undefined;
    const readers = this.#readers.get(model) ?? new Map<string, FeatureReader>();
    this.#readers.set(model, readers);
    const { name, joinKey, budgetMs, rules } = view;
    const contents = JSON.stringify([name, joinKey, budgetMs, file, lives, rules.map(({ feature }) => feature)]);
    let reader = readers.get(contents);
    if (reader === undefined) {
      reader = new FeatureReader({
        view,
        lives,
        store,
        near: this.#near,
        metrics: this.#memoryMetrics,
        prefix: `${model}/${readers.size}/`,
        now: epochMs,
        random: Math.random,
      });
      readers.set(contents, reader);
    }
    return reader;
  }

  /** Forgets the features of an entity, or of all of a model. Single rows of predictions are none of its business. */
  forget(invalidation: Invalidation): void {
    for (const reader of this.#readers.get(invalidation.model)?.values() ?? []) {
      if (invalidation.scope === 'entity') reader.forget(invalidation.entity);
      else if (invalidation.scope === 'model') reader.forgetAll();
    }
  }

  /** Forgets everything: invalidations may have been missed. */
  forgetAll(): void {
    for (const readers of this.#readers.values()) for (const reader of readers.values()) reader.forgetAll();
  }

  async close(): Promise<void> {
    await this.#shared?.close();
    await Promise.all([...this.#files.values()].map((store) => store.close()));
  }

  #open(address: FeatureStoreAddress): FeatureStore {
    if (address.kind === 'http') return new HttpFeatureStore(address.url, address.token);
    if (address.kind === 'dynamodb') return new DynamoFeatureStore(address, lazyCredentials());
    return new RedisFeatureStore(address.address, this.options.logger);
  }

  #guard(store: FeatureStore): GuardedStore {
    const { metrics, logger } = this.options;
    const guarded: GuardedStore = new GuardedStore(
      store,
      metrics.add('feature', store.layer, () => guarded.isAvailable),
      logger,
    );
    return guarded;
  }

  /** Two models, or two versions of one, may read the same file. */
  #fileStore(path: string, joinKey: string): GuardedStore {
    const { metrics, logger } = this.options;
    const key = join(path, joinKey);
    let store = this.#files.get(key);
    if (store === undefined) {
      this.#fileMetrics ??= metrics.add('feature', 'file');
      store = new GuardedStore(new FileStore(path, joinKey, logger, epochMs), this.#fileMetrics, logger);
      this.#files.set(key, store);
    }
    return store;
  }
}
