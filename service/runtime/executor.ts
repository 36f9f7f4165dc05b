import type { Tensor } from '../tensor';
import type { ExecutorKind } from './options';
import type { ModelRun } from './session';

/** Rows that run together. */
export interface Batch {
  /** In the order of the model's signature. */
  readonly inputs: readonly Tensor[];
  /** Indices of the wanted outputs. */
  readonly outputs: readonly number[];
  /** True when nobody else holds the inputs' memory, so that it may be given away instead of copied. */
  readonly owned: boolean;
}

/** Runs batches of one model, at most as many at a time as are {@link free}. */
export interface Executor {
  readonly kind: ExecutorKind;
  /** Batches at the same time when all is well. */
  readonly parallel: number;
  /** Batches that can start now. */
  free(): number;
  /** When the next batch could start at the latest, if none can because everything is being replaced; else 0. */
  readyInMs(): number;
  /** Calls `listener` when a batch can start for another reason than the end of one. */
  onFree(listener: () => void): void;
  /** To be called only while {@link free} is above 0. Rejects with a ServiceError when the model is not to blame. */
  run(batch: Batch): Promise<ModelRun>;
  /**
   * As {@link run}, on the calling thread and with the result in hand; undefined where it must be {@link run}.
   *
   * @throws Error with the model's reason
   */
  runAtOnce?(batch: Batch): ModelRun | undefined;
  /** Gives everything back. No run may be under way. */
  close(): Promise<void>;
}
