import type { CacheOutcome } from '../../lib/contract';
import type { FeatureCache } from '../cache/features/feature-cache';
import type { PredictionCache, Resolved } from '../cache/prediction-cache';
import type { ComputeRows } from '../cache/row-request';
import type { ServedModel } from '../repository/served-model';
import type { RunResult } from '../runtime/job';
import type { Metrics } from '../telemetry/metrics';
import { concatRows, sliceRows, type Tensor } from '../tensor';
import type { KeptPrediction } from './answer-memo';
import { ModelContext } from './model-context';
import type { ServingPolicy } from './policy';

/** One decoded request to one model version. */
export interface PredictionRequest {
  /** In the order of the model's signature. */
  readonly inputs: readonly Tensor[];
  /** Indices of the wanted outputs, in the wanted order. */
  readonly outputs: readonly number[];
  /** When the request arrived, on the clock of `performance.now()`. */
  readonly startedMs: number;
  /** What the caller allows; undefined: the model's policy decides. */
  readonly timeoutMs: number | undefined;
  /** No other request came in the same turn of the event loop. */
  readonly isAlone: boolean;
  /** True once the caller has gone away. */
  readonly isCancelled: () => boolean;
  /** The entity that each row is asked for, by which its prediction can be invalidated; undefined: none has one. */
  readonly entities?: readonly (string | undefined)[] | undefined;
}

export interface Prediction {
  /** In the order of the request's outputs. */
  readonly outputs: readonly Tensor[];
  readonly cache: CacheOutcome;
  /** Where a single row came from memory: what is kept there. */
  readonly kept?: KeptPrediction | undefined;
}

/**
 * The way of a decoded request: cached rows are taken, equal rows in flight are joined, the rest runs in the model's
 * runtime (admission, batcher, executor) and is kept.
 */
export class Predictor {
  readonly #contexts = new WeakMap<ServedModel, ModelContext>();

  constructor(
    private readonly metrics: Metrics,
    /** undefined: no prediction is ever cached. */
    private readonly cache: PredictionCache | undefined,
    private readonly policyOf: (model: ServedModel) => ServingPolicy,
    /** undefined: no features are joined. */
    private readonly features?: FeatureCache,
  ) {}

  contextOf(model: ServedModel): ModelContext {
    let context = this.#contexts.get(model);
    if (context === undefined) {
      context = new ModelContext(model, this.policyOf(model), this.metrics, this.cache, this.features);
      this.#contexts.set(model, context);
    }
    return context;
  }

  /** The answer to a question asked before, counted as a hit; undefined where it must be predicted. */
  recall({ answers, metrics }: ModelContext, question: string): string | undefined {
    const answer = answers?.recall(question);
    if (answer !== undefined) metrics.cacheRows.hit++;
    return answer;
  }

  /** @throws ServiceError when the model is overloaded, the deadline out of reach, or the run fails */
  async predict(context: ModelContext, request: PredictionRequest): Promise<Prediction> {
    const { runtime } = context.model;
    const rows = runtime.batchable ? (request.inputs[0]?.shape[0] ?? 0) : 1;
    const { cached } = context;
    if (this.cache === undefined || rows === 0 || !cached?.takesPart(rows, request.startedMs)) {
      return { outputs: observed(context, await submit(context, request, request.inputs, rows)), cache: 'off' };
    }
    const compute: ComputeRows = async (wanted) =>
      observed(context, await submit(context, request, rowsOf(request.inputs, wanted, rows), wanted.length));
    const keys = context.keys.keysOf(request.inputs, request.outputs, rows, runtime.batchable);
    const { entities } = request;
    const resolved = await this.cache.resolve(cached, { keys, batched: runtime.batchable, compute, entities });
    count(context, resolved);
    const [key] = keys;
    const { outputs, kept: row } = resolved;
    const kept = row === undefined || key === undefined ? undefined : { key, row };
    return { outputs, cache: outcomeOf(resolved), kept };
  }
}

function submit(
  context: ModelContext,
  request: PredictionRequest,
  inputs: readonly Tensor[],
  rows: number,
): Promise<RunResult> {
  return context.model.runtime.submit({
    inputs,
    rows,
    outputs: request.outputs,
    deadlineMs: request.startedMs + (request.timeoutMs ?? context.policy.timeoutMs),
    isAlone: request.isAlone,
    isCancelled: request.isCancelled,
  });
}

function observed({ metrics: { stages } }: ModelContext, { queueMs, runMs, outputs }: RunResult): readonly Tensor[] {
  stages.queue.observe(queueMs / 1e3);
  stages.run.observe(runMs / 1e3);
  return outputs;
}

/** The rows with these ascending indices; the tensors themselves when that is all of them. */
function rowsOf(inputs: readonly Tensor[], wanted: readonly number[], rows: number): readonly Tensor[] {
  if (wanted.length === rows) return inputs;
  return inputs.map((tensor) => concatRows(wanted.map((row) => sliceRows(tensor, row, row + 1))));
}

function count({ metrics: { cacheRows } }: ModelContext, { hits, joined, misses }: Resolved): void {
  cacheRows.hit += hits;
  cacheRows.joined += joined;
  cacheRows.miss += misses;
}

/** A joined row waited for a run like a missed one, so for latency it counts as a miss. */
function outcomeOf({ hits, joined, misses }: Resolved): CacheOutcome {
  if (joined + misses === 0) return 'hit';
  return hits === 0 ? 'miss' : 'partial';
}
