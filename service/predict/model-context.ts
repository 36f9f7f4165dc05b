import type { CachedModel } from '../cache/cached-model';
import type { FeatureCache } from '../cache/features/feature-cache';
import type { PredictionCache } from '../cache/prediction-cache';
import { RowKeys } from '../cache/row-keys';
import type { ServedModel } from '../repository/served-model';
import type { Metrics, ModelMetrics } from '../telemetry/metrics';
import { AnswerMemo } from './answer-memo';
import { FeatureJoin } from './feature-join';
import type { ServingPolicy } from './policy';

/** What a served model version needs beside itself on every request; made once. */
export class ModelContext {
  readonly keys: RowKeys;
  /** undefined: its predictions are not cached. */
  readonly cached: CachedModel | undefined;
  /** Answers to questions asked before; undefined as {@link cached}. */
  readonly answers: AnswerMemo | undefined;
  /** Joins the features of entities; undefined: the model takes only what requests bring. */
  readonly join: FeatureJoin | undefined;
  readonly metrics: ModelMetrics;
  readonly version: string;
  /** Indices of all outputs, for requests that name none. */
  readonly allOutputs: readonly number[];

  constructor(
    readonly model: ServedModel,
    readonly policy: ServingPolicy,
    metrics: Metrics,
    cache: PredictionCache | undefined,
    features: FeatureCache | undefined,
  ) {
    this.version = String(model.version);
    this.keys = new RowKeys(`${model.name}@${model.digest}`, model.runtime.signature);
    this.cached = policy.cacheTtlMs === 0 ? undefined : cache?.model(model.name, model.digest, policy.cacheTtlMs);
    this.answers = cache && this.cached && new AnswerMemo(cache, this.cached);
    const { view } = policy;
    this.join = view && new FeatureJoin(view, features?.reader({ model: model.name, ...view }));
    this.metrics = metrics.model(model.name, this.version);
    this.allOutputs = model.runtime.signature.outputs.map((_, index) => index);
  }
}
