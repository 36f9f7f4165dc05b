import { deadlineUnreachable, queueFull, type ServiceError } from '../errors';
import type { Throughput } from './throughput';

/** How busy a model is. */
export interface Load {
  readonly isIdle: boolean;
  /** Rows that wait, and of those the ones that stand before a new job, see Batcher. */
  readonly queuedRows: number;
  readonly turnRows: number;
  /** What is left of the runs under way, summed. */
  runningMs(nowMs: number): number;
}

export interface Capacity {
  readonly parallel: number;
  free(): number;
  readyInMs(): number;
}

/**
 * Says no early: a job that cannot be answered in time, or for which there is no room, is refused before it waits, so
 * that those admitted are answered in time. An idle model always takes a job: its estimates may be wrong, and only runs
 * correct them.
 */
export class Admission {
  constructor(
    private readonly name: string,
    /** Rows that may wait. */
    private readonly limitRows: number,
    private readonly load: Load,
    private readonly capacity: Capacity,
    private readonly throughput: Throughput,
    private readonly largestBatch: () => number,
  ) {}

  /** The answer to a job that is refused, with the time after which another try is worth it; else undefined. */
  refusal(rows: number, nowMs: number, deadlineMs: number): ServiceError | undefined {
    const { turnRows } = this.load;
    const { drainMsPerRow } = this.throughput;
    const timeoutMs = deadlineMs - nowMs;
    if (timeoutMs <= 0) return deadlineUnreachable(this.name, 0, turnRows * drainMsPerRow);
    if (this.load.isIdle && this.capacity.free() > 0) return undefined;
    // A job longer than a batch has one batch a turn, so that is all of it that others wait for, and all that counts.
    const excessRows = turnRows + Math.min(rows, this.largestBatch()) - this.limitRows;
    if (turnRows > 0 && excessRows > 0) return queueFull(this.name, turnRows, excessRows * drainMsPerRow);
    const lateMs = this.#expectedMs(rows, nowMs, timeoutMs) - timeoutMs;
    return lateMs > 0 ? deadlineUnreachable(this.name, timeoutMs, lateMs) : undefined;
  }

  /** Time until a job that comes now is answered, as far as can be told. */
  #expectedMs(rows: number, nowMs: number, timeoutMs: number): number {
    const { turnRows, queuedRows } = this.load;
    const { drainMsPerRow } = this.throughput;
    const largest = this.largestBatch();
    const turns = Math.ceil(rows / largest);
    const aheadRows = turns <= 1 ? turnRows : Math.min(queuedRows, turnRows * turns);
    const startsAtOnce = turnRows === 0 && this.capacity.free() > 0;
    const busyMs = startsAtOnce ? 0 : this.load.runningMs(nowMs) / this.capacity.parallel;
    const waitMs = this.capacity.readyInMs() + busyMs + aheadRows * drainMsPerRow;
    // It shares its run with others, as many as the batcher lets in.
    const patientRows = Math.max(rows, this.throughput.curve.rowsWithin(timeoutMs / 2));
    const batchRows = Math.min(largest, patientRows, rows + turnRows);
    const restRows = Math.max(0, rows - largest);
    return waitMs + this.throughput.turnaroundMs(batchRows) + restRows * drainMsPerRow;
  }
}
