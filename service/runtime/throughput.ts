import type { DurationCurve } from './duration-curve';

/** Share of a new measurement in a running mean. */
const NEWEST = 0.1;

/**
 * How fast a model gets through its rows, learnt from the runs: the duration of the run itself, what surrounds it
 * (the way to a worker, the event loop's other work), and how fast a backlog drains.
 */
export class Throughput {
  #overheadMs = 0;
  #drainMsPerRow: number | undefined;

  constructor(
    readonly curve: DurationCurve,
    /** Runs at the same time. */
    private readonly parallel: number,
    private readonly largestBatch: () => number,
  ) {}

  /**
   * @param turnaroundMs from handing the batch out to having its result
   * @param backlog whether rows stayed behind when the batch was formed; only then does it show how fast they drain
   */
  record(rows: number, runMs: number, turnaroundMs: number, backlog: boolean): void {
    if (rows === 0) return;
    this.curve.add(rows, runMs);
    this.#overheadMs += NEWEST * (Math.max(0, turnaroundMs - runMs) - this.#overheadMs);
    if (backlog) {
      const sample = turnaroundMs / rows / this.parallel;
      this.#drainMsPerRow = sample * NEWEST + (this.#drainMsPerRow ?? sample) * (1 - NEWEST);
    }
  }

  /** Expected time from handing out a batch to having its result; 0 while nothing is known. */
  turnaroundMs(rows: number): number {
    return this.curve.isKnown ? this.curve.estimateMs(rows) + this.#overheadMs : 0;
  }

  /** Expected time for a backlog to get one row shorter; 0 while nothing is known. */
  get drainMsPerRow(): number {
    if (this.#drainMsPerRow !== undefined) return this.#drainMsPerRow;
    const rows = Math.max(1, this.largestBatch());
    return this.turnaroundMs(rows) / rows / this.parallel;
  }
}
