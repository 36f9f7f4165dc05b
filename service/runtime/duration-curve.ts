/** Share of the past that one more run leaves in place: the last 50 runs or so count. */
const MEMORY = 0.98;
/** A run that took more than this many times its estimate was held up by something else; it counts as that much. */
const OUTLIER = 4;
/** Runs from which on there is an estimate to say so. */
const OUTLIER_RUNS = 8;
/** Below this variance of the row counts, they say nothing about the slope. */
const MIN_VARIANCE = 1e-6;

/**
 * How long a run of n rows takes: duration(n) = fixed + perRow · n, in milliseconds. Least squares over the runs seen,
 * the newer the heavier, as BentoML's adaptive batching does over a window; both parts are never negative.
 */
export class DurationCurve {
  #largestRows = 0;
  #fixedMs = 0;
  #perRowMs = 0;
  #weight = 0;
  #rows = 0;
  #ms = 0;
  #rowsSquared = 0;
  #rowsMs = 0;

  /** False until the first run. */
  get isKnown(): boolean {
    return this.#weight > 0;
  }

  /** Rows of the largest run seen. */
  get largestRows(): number {
    return this.#largestRows;
  }

  get fixedMs(): number {
    return this.#fixedMs;
  }

  get perRowMs(): number {
    return this.#perRowMs;
  }

  /** 0 while nothing is known. */
  estimateMs(rows: number): number {
    return this.#fixedMs + this.#perRowMs * rows;
  }

  /** Rows of the longest run that stays within `limitMs`, at least 1. */
  rowsWithin(limitMs: number): number {
    if (this.#perRowMs === 0) return Number.MAX_SAFE_INTEGER;
    return Math.max(1, Math.floor((limitMs - this.#fixedMs) / this.#perRowMs));
  }

  /** Takes a run of at least one row into account. */
  add(rows: number, runMs: number): void {
    const ms = this.#weight < OUTLIER_RUNS ? runMs : Math.min(runMs, OUTLIER * this.estimateMs(rows));
    this.#largestRows = Math.max(this.#largestRows, rows);
    this.#weight = this.#weight * MEMORY + 1;
    this.#rows = this.#rows * MEMORY + rows;
    this.#ms = this.#ms * MEMORY + ms;
    this.#rowsSquared = this.#rowsSquared * MEMORY + rows * rows;
    this.#rowsMs = this.#rowsMs * MEMORY + rows * ms;
    this.#fit();
  }

  #fit(): void {
    const meanRows = this.#rows / this.#weight;
    const meanMs = this.#ms / this.#weight;
    const variance = this.#rowsSquared / this.#weight - meanRows * meanRows;
    if (variance > MIN_VARIANCE) {
      const slope = (this.#rowsMs / this.#weight - meanRows * meanMs) / variance;
      this.#perRowMs = Math.max(0, slope);
    }
    this.#fixedMs = meanMs - this.#perRowMs * meanRows;
    if (this.#fixedMs < 0) {
      this.#fixedMs = 0;
      this.#perRowMs = meanMs / meanRows;
    }
  }
}
