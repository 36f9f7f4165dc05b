import type { Provider } from '../provider';
import type { Tensor, TensorSignature } from '../tensor';
import type { SessionOptions } from './session';

/** Where a model runs: on the event loop's own thread, or on worker threads. */
export type ExecutorKind = 'inline' | 'worker';

export interface RuntimeOptions {
  /** @default 'auto': measured at load, see batch-policy.ts */
  readonly executor?: ExecutorKind | 'auto' | undefined;
  /** Upper bound of the rows of one run; what is worth it is measured. @default 1024 */
  readonly maxBatchRows?: number | undefined;
  /** Threads that one run may use. @default 1 */
  readonly intraOpThreads?: number | undefined;
  /** What the model runs on. @default 'cpu' */
  readonly provider?: Provider | undefined;
  /** parallel: branches of the graph run side by side, on as many threads again. @default 'sequential' */
  readonly executionMode?: SessionOptions['executionMode'];
  /** Worker threads, each with its own copy of the weights. @default as many as the cores carry; one on a GPU */
  readonly workers?: number | undefined;
  /** Rows that may wait before jobs are refused. @default 4096 */
  readonly queueRows?: number | undefined;
  /**
   * Inputs that the model accepts, one or more rows, for warm-up and measuring; made up from the signature where
   * absent. Called once per load; what it throws fails the load.
   */
  readonly exampleInputs?:
    | ((signature: TensorSignature) => readonly Tensor[] | undefined | Promise<readonly Tensor[] | undefined>)
    | undefined;
}

/** Told what happens inside, for metrics and logs. */
export interface RuntimeObserver {
  /** After every successful run of the model. */
  onBatch?(rows: number, runMs: number): void;
  /** A worker ended by itself; its replacement starts after `restartDelayMs`. */
  onWorkerLost?(reason: string, restartDelayMs: number): void;
}
