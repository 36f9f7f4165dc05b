import type { DurationCurve } from './duration-curve';

/** Share of a new measurement in a running mean. */
const NEWEST = 0.1;
/**
 * A measurement of more than this many times what is known was held up by something else, such as a process that was
 * stopped; it counts as that much. A model that has become slower is believed all the same, within some runs.
 */
const OUTLIER = 4;

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
    const turnMs = atMost(turnaroundMs, this.turnaroundMs(rows));
    const msPerRow = atMost(turnaroundMs / rows / this.parallel, this.drainMsPerRow);
    this.curve.add(rows, runMs);
    this.#overheadMs += NEWEST * (Math.max(0, turnMs - runMs) - this.#overheadMs);
    this.#recordDrain(msPerRow, backlog);
  }

  /**
   * Without a backlog a run shows how fast rows drain at least. That counts, too: an estimate that is too high keeps a
   * backlog from being admitted, and so would never be corrected.
   */
  #recordDrain(msPerRow: number, backlog: boolean): void {
    const known = this.#drainMsPerRow ?? (backlog ? msPerRow : 0);
    if (backlog || msPerRow < known) this.#drainMsPerRow = known + NEWEST * (msPerRow - known);
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

/** A measurement as far as what is known makes it likely; any where nothing is known. */
function atMost(ms: number, knownMs: number): number {
  return knownMs > 0 ? Math.min(ms, OUTLIER * knownMs) : ms;
}
