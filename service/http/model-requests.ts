import { performance } from 'node:perf_hooks';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ModelContext } from '../predict/model-context';
import type { Prediction, PredictionRequest, Predictor } from '../predict/predictor';
import type { ModelRepository } from '../repository/model-repository';
import type { Tensor } from '../tensor';
import { toServiceError } from './error-answers';
import type { Health } from './routes/health';
import { isAloneInTurn } from './turn';
import { type ModelAnswer, writeAnswer } from './write-answer';

/** One request to one model version, leased for as long as the call lasts. */
export class ModelCall {
  #waitedMs = 0;

  constructor(
    readonly context: ModelContext,
    readonly request: FastifyRequest,
    /** When the complete request was there, on the clock of `performance.now()`. */
    readonly startedMs: number,
    /** No other request came in the same turn of the event loop. */
    private readonly isAlone: boolean,
    private readonly predictor: Predictor,
  ) {}

  /** Ends the stage of decoding and runs the model. */
  predict(
    inputs: readonly Tensor[],
    outputs: readonly number[],
    timeoutMs: number | undefined,
    entities?: PredictionRequest['entities'],
  ): Promise<Prediction> {
    const { context, request, startedMs } = this;
    context.metrics.stages.decode.observe((performance.now() - startedMs - this.#waitedMs) / 1e3);
    return this.predictor.predict(context, {
      inputs,
      outputs,
      startedMs,
      timeoutMs,
      isAlone: this.isAlone,
      isCancelled: () => request.raw.socket.destroyed,
      entities,
    });
  }

  /** Waits for features, which is a stage of its own. */
  async waitForFeatures<T>(work: () => Promise<T>): Promise<T> {
    const fromMs = performance.now();
    const result = await work();
    this.#waitedMs = performance.now() - fromMs;
    this.context.metrics.stages.features.observe(this.#waitedMs / 1e3);
    return result;
  }

  /** The answer to a question asked before, while it still holds. */
  recall(question: string): string | undefined {
    return this.predictor.recall(this.context, question);
  }

  /** Encodes with the time of it recorded. */
  encode<T>(render: () => T): T {
    const fromMs = performance.now();
    const encoded = render();
    this.context.metrics.stages.encode.observe((performance.now() - fromMs) / 1e3);
    return encoded;
  }
}

/** What every route that runs a model has in common: the lease, the clock and the metrics. */
export class ModelRequests {
  constructor(
    private readonly repository: ModelRepository,
    private readonly predictor: Predictor,
    private readonly health: Health,
  ) {}

  /**
   * @param version as in the path; undefined: the newest
   * @throws ServiceError 404 and 503 for models that are not there or not ready, and whatever `work` throws
   */
  async answer(
    request: FastifyRequest,
    reply: FastifyReply,
    target: { readonly model: string; readonly version?: string | undefined },
    work: (call: ModelCall) => Promise<ModelAnswer>,
  ): Promise<FastifyReply> {
    const startedMs = performance.now();
    const alone = isAloneInTurn();
    const isAlone = alone === true || (await alone);
    const lease = this.repository.acquire(target.model, target.version);
    const context = this.predictor.contextOf(lease.model);
    try {
      const answer = await work(new ModelCall(context, request, startedMs, isAlone, this.predictor));
      context.metrics.latency[answer.cache].observe((performance.now() - startedMs) / 1e3);
      context.metrics.countAnswer(answer.body === undefined ? 304 : 200);
      writeAnswer(request, reply, answer, context.version, this.health);
      return reply;
    } catch (error) {
      context.metrics.countAnswer(error instanceof Error ? toServiceError(error).statusCode : 500);
      throw error;
    } finally {
      lease.release();
    }
  }
}
