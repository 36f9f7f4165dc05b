import type { Tensor } from '../tensor';

/** One request's rows, to be run by a model. The inputs are only read; they may be views into a larger buffer. */
export interface Job {
  /** In the order of the model's signature. */
  readonly inputs: readonly Tensor[];
  /** Size of the batch dimension; without meaning for a model that is not batchable. */
  readonly rows: number;
  /** Indices of the wanted outputs, each at most once, in the wanted order. */
  readonly outputs: readonly number[];
  /** Latest useful time of the answer, on the clock of `performance.now()`. */
  readonly deadlineMs: number;
  /** True where no other request came in the same turn of the event loop: waiting for company would be in vain. */
  readonly isAlone?: boolean | undefined;
  /** True once nobody waits for the answer any more; asked before the job is run. */
  readonly isCancelled?: (() => boolean) | undefined;
}

export interface RunResult {
  /**
   * In the order of {@link Job.outputs}. Numeric data may be a view into the output of a whole batch: who keeps it for
   * long copies it, or the batch stays in memory with it.
   */
  readonly outputs: readonly Tensor[];
  /** Time between submission and the start of the (first) run. */
  readonly queueMs: number;
  /** Time in the model: the whole batch's, summed over the runs where the job was cut into several. */
  readonly runMs: number;
  /** Rows of the (largest) run the job was part of. */
  readonly batchRows: number;
}
