import { modelKeyPrefix } from '../cache/cached-model';
import type { FeatureCache } from '../cache/features/feature-cache';
import type { Invalidation } from '../cache/invalidation';
import type { PredictionCache } from '../cache/prediction-cache';
import { cacheIsOff, modelNotFound, noFeatureView } from '../errors';
import type { Lease } from '../repository/lease';
import type { ModelRepository } from '../repository/model-repository';
import type { CacheMetrics, LayerReport } from '../telemetry/cache-metrics';
import type { Tensor } from '../tensor';
import type { ModelContext } from './model-context';
import { outputSelections } from './output-selections';
import type { Predictor } from './predictor';

/** The prediction cache as operators see it. */
export interface CacheReport {
  readonly layers: readonly LayerReport[];
  /** In this process. */
  readonly memory: { readonly rows: number; readonly bytes: number };
  readonly models: readonly {
    readonly name: string;
    readonly version: string;
    readonly ttlSeconds: number;
    /** Rows answered so far, by where they came from. */
    readonly rows: { readonly hit: number; readonly joined: number; readonly miss: number };
    /** Share of the rows that needed no run of their own; null before the first. */
    readonly hitRatio: number | null;
    /** True while its requests pass by the cache, which never hit. */
    readonly bypassed: boolean;
  }[];
}

export interface InvalidationReport {
  readonly model: string;
  readonly scope: Invalidation['scope'];
  /** Rows removed from the cache that replicas share; null where they share none. */
  readonly removedShared: number | null;
}

interface Parts {
  readonly repository: ModelRepository;
  readonly predictor: Predictor;
  readonly cache: PredictionCache | undefined;
  /** Features by entity, which are kept even where predictions are not. */
  readonly features: FeatureCache;
  readonly metrics: CacheMetrics;
}

/** What operators may ask and do with the prediction cache. */
export class CacheAdministration {
  constructor(private readonly parts: Parts) {}

  /** @throws ServiceError 404 where nothing is cached */
  report(): CacheReport {
    const { repository, predictor, metrics } = this.parts;
    const { rows, sizeBytes } = this.#cache();
    const contexts = repository.served().map((model) => predictor.contextOf(model));
    return {
      layers: metrics.report('prediction'),
      memory: { rows, bytes: sizeBytes },
      models: contexts.map(({ model, version, policy, cached, metrics: { cacheRows } }) => {
        const { hit, joined, miss } = cacheRows;
        const all = hit + joined + miss;
        return {
          name: model.name,
          version,
          ttlSeconds: policy.cacheTtlMs / 1000,
          rows: { hit, joined, miss },
          hitRatio: all === 0 ? null : (hit + joined) / all,
          bypassed: cached?.bypass.isBypassing ?? false,
        };
      }),
    };
  }

  /** All predictions and features of a model. @throws ServiceError 404 for a model that is not here, 503 as PredictionCache.invalidate */
  invalidateModel(model: string): Promise<InvalidationReport> {
    return this.#invalidate({ model, scope: 'model' });
  }

  /**
   * All predictions for an entity, and its features.
   * @throws as {@link invalidateModel}, and ServiceError 404 where no version of the model knows entities
   */
  async invalidateEntity(model: string, entity: string): Promise<InvalidationReport> {
    const { repository, predictor } = this.parts;
    const versions = repository.served().filter(({ name }) => name === model);
    const knowsEntities = versions.some((version) => predictor.contextOf(version).join !== undefined);
    if (versions.length > 0 && !knowsEntities) throw noFeatureView(model);
    return this.#invalidate({ model, scope: 'entity', entity });
  }

  /**
   * The predictions of rows, whichever outputs they were asked for.
   *
   * @param decode reads the rows as a request with them would be read; `outputs`: those that it asks for
   * @throws as {@link invalidateModel}, and what `decode` throws
   */
  async invalidateRows(
    model: string,
    version: string | undefined,
    decode: (context: ModelContext) => Promise<{ inputs: readonly Tensor[]; outputs: readonly number[] }>,
  ): Promise<InvalidationReport> {
    this.#cache();
    const lease: Lease = this.parts.repository.acquire(model, version);
    try {
      const context = this.parts.predictor.contextOf(lease.model);
      const { inputs, outputs } = await decode(context);
      const keys = redisKeysOf(context, inputs, outputs);
      return await this.#invalidate({ model, scope: 'rows', keys });
    } finally {
      lease.release();
    }
  }

  async #invalidate(invalidation: Invalidation): Promise<InvalidationReport> {
    const { cache, features, repository } = this.parts;
    const { model, scope } = invalidation;
    if (!repository.has(model)) throw modelNotFound(model, repository.names());
    if (cache === undefined) {
      features.forget(invalidation);
      return { model, scope, removedShared: null };
    }
    const removed = await cache.invalidate(invalidation);
    return { model, scope, removedShared: cache.sharedIsAvailable === undefined ? null : removed };
  }

  #cache(): PredictionCache {
    if (this.parts.cache === undefined) throw cacheIsOff();
    return this.parts.cache;
  }
}

function redisKeysOf(context: ModelContext, inputs: readonly Tensor[], asked: readonly number[]): string[] {
  const { cached, keys, allOutputs, model } = context;
  const { batchable } = model.runtime;
  const rows = batchable ? (inputs[0]?.shape[0] ?? 0) : 1;
  const prefix = cached?.keyPrefix ?? modelKeyPrefix(model.name);
  const selections = outputSelections(allOutputs.length, [asked, model.answer?.outputs ?? []]);
  return selections.flatMap((outputs) => keys.keysOf(inputs, outputs, rows, batchable)).map((key) => prefix + key);
}
