import type { TensorSignature } from '../tensor';
import type { Job, RunResult } from './job';
import type { ExecutorKind } from './options';

/** One version of one model, ready to run rows. */
export interface ModelRuntime {
  readonly signature: TensorSignature;
  /** True when the first dimension of every tensor is rows that may run together with other jobs' rows. */
  readonly batchable: boolean;
  /** Why not, where {@link batchable} is false. */
  readonly notBatchedBecause: string | undefined;
  readonly executor: ExecutorKind;
  /** Rows of the largest run; may change with what is measured. */
  readonly maxBatchRows: number;
  /** Rows that wait for a run. */
  readonly queuedRows: number;
  /**
   * @throws ServiceError (as a rejection) 503 when the queue is full, the deadline cannot be met or has passed, the
   *   worker is lost, or the runtime is closing; 400 when the model fails on these inputs
   */
  submit(job: Job): Promise<RunResult>;
  /** Takes no new jobs, finishes those admitted, then gives sessions, threads and memory back. Idempotent. */
  close(): Promise<void>;
}
