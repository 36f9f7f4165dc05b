import { Int32Histogram } from 'hdr-histogram-js';

/** Longer ones are counted as this long. */
const LONGEST_US = 2 ** 31 - 1;
const SIGNIFICANT_DIGITS = 3;

/** A bar of the histogram of a report. */
export interface LatencyBar {
  readonly fromMs: number;
  readonly toMs: number;
  readonly count: number;
}

/** Latencies at three significant digits, whatever their number: an HDR histogram of microseconds. */
export class Latencies {
  readonly #histogram = new Int32Histogram(1, LONGEST_US, SIGNIFICANT_DIGITS);

  get count(): number {
    return this.#histogram.totalCount;
  }

  get meanMs(): number {
    return this.count === 0 ? Number.NaN : this.#histogram.mean / 1000;
  }

  record(ms: number): void {
    this.#histogram.recordValue(Math.min(LONGEST_US, Math.max(1, Math.round(ms * 1000))));
  }

  /** Adds all of another. */
  add(other: Latencies): void {
    this.#histogram.add(other.#histogram);
  }

  reset(): void {
    this.#histogram.reset();
  }

  /**
   * The latency within which a share of all requests was answered.
   * @param unanswered requests that count as slower than every answer: those refused and those that failed
   * @returns milliseconds; undefined where even the slowest answer is not enough, or nothing was asked
   */
  percentileMs(percentile: number, unanswered = 0): number | undefined {
    const rank = Math.ceil((percentile / 100) * (this.count + unanswered));
    if (rank === 0 || rank > this.count) return undefined;
    return this.#histogram.getValueAtPercentile((100 * rank) / this.count) / 1000;
  }

  /** How many answers took longer. */
  slowerThan(ms: number): number {
    let count = 0;
    for (const recorded of this.#recorded()) if (recorded.ms > ms) count += recorded.count;
    return count;
  }

  /** At most `bars` bars from the fastest to the slowest, of equal ratio, as latencies spread over orders of magnitude. */
  bars(bars: number): LatencyBar[] {
    if (this.count === 0) return [];
    const fromMs = this.#histogram.minNonZeroValue / 1000;
    const ratio = Math.max(1.01, this.#histogram.maxValue / 1000 / fromMs) ** (1 / bars);
    const counts = new Array<number>(bars).fill(0);
    for (const { ms, count } of this.#recorded()) {
      const bar = Math.min(bars - 1, Math.max(0, Math.floor(Math.log(ms / fromMs) / Math.log(ratio))));
      counts[bar] = (counts[bar] ?? 0) + count;
    }
    return counts.map((count, i) => ({ fromMs: fromMs * ratio ** i, toMs: fromMs * ratio ** (i + 1), count }));
  }

  *#recorded(): Generator<{ readonly ms: number; readonly count: number }> {
    const values = this.#histogram.recordedValuesIterator;
    values.reset();
    while (values.hasNext()) {
      const { valueIteratedTo, countAddedInThisIterationStep } = values.next();
      yield { ms: valueIteratedTo / 1000, count: countAddedInThisIterationStep };
    }
  }
}
