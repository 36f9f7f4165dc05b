import type { Tensor } from '../tensor';
import type { Fifo } from './fifo';
import type { Job, RunResult } from './job';
import { OutputJoin } from './output-join';

/** Jobs that may share a run: same shapes behind the rows, same requested outputs. */
export interface JobGroup {
  readonly jobs: Fifo<QueuedJob>;
}

/** A job on its way through the batcher. Settled exactly once, whatever happens to its parts. */
export class QueuedJob {
  readonly rows: number;
  /** What the job allowed when it came. */
  readonly timeoutMs: number;
  /** First row not handed out yet. */
  nextRow = 0;
  /** Stands in the queue, with rows to hand out. */
  isWaiting = true;
  /** Rows that the queue counts for this job's next turn. */
  turnRows = 0;
  #isSettled = false;
  #startedMs: number | undefined;
  #rowsDone = 0;
  #runMs = 0;
  #batchRows = 0;
  #join: OutputJoin | undefined;

  constructor(
    readonly job: Job,
    readonly group: JobGroup,
    readonly submittedMs: number,
    private readonly onDone: (result: RunResult) => void,
    private readonly onError: (error: Error) => void,
  ) {
    this.rows = job.rows;
    this.timeoutMs = job.deadlineMs - submittedMs;
  }

  /** Whether it is still of use to anyone to start on it at `nowMs`. */
  isWanted(nowMs: number): boolean {
    if (this.#isSettled || nowMs >= this.job.deadlineMs) return false;
    return this.job.isCancelled === undefined || !this.job.isCancelled();
  }

  /** Notes when the first of its rows went into a run. */
  start(nowMs: number): void {
    this.#startedMs ??= nowMs;
  }

  reject(error: Error): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#join = undefined;
    this.onError(error);
  }

  /** All rows have run. */
  resolve(outputs: readonly Tensor[], runMs: number, batchRows: number): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.onDone({ outputs, queueMs: (this.#startedMs ?? this.submittedMs) - this.submittedMs, runMs, batchRows });
  }

  /**
   * Some rows of a job that was cut have run; resolves with the last of them.
   *
   * @returns false when their outputs do not fit those of the rows before
   */
  collect(startRow: number, rows: number, outputs: readonly Tensor[], runMs: number, batchRows: number): boolean {
    if (this.#isSettled) return true;
    this.#join ??= new OutputJoin(this.rows);
    if (!this.#join.put(startRow, outputs)) return false;
    this.#rowsDone += rows;
    this.#runMs += runMs;
    this.#batchRows = Math.max(this.#batchRows, batchRows);
    if (this.#rowsDone === this.rows) this.resolve(this.#join.outputs, this.#runMs, this.#batchRows);
    return true;
  }
}

/** Rows [start, end) of a job, as one run takes them. */
export interface Piece {
  readonly job: QueuedJob;
  readonly start: number;
  readonly end: number;
}

export function isWhole({ job, start, end }: Piece): boolean {
  return end - start === job.rows;
}
