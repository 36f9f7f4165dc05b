/** Rows over which a cache is judged: at the threshold, a hundred hits are expected, so chance decides little. */
const WINDOW_ROWS = 2000;
/** Below this share of hits the lookups cost more than they save: they take up to 5 % of a small model's throughput. */
const MIN_HIT_RATIO = 0.01;
/** Rows that pass by between two looks: what is left of the cost is a twentieth of it. */
const BYPASSED_ROWS = 20 * WINDOW_ROWS;
/** Quiet models are looked at again after this time: there the lookups cost nothing that anyone would miss. */
const BYPASSED_MS = 30_000;

/**
 * Notices that a cache never hits, lets requests pass by it, and looks again from time to time.
 *
 * Whole windows take part or pass by, not single requests: a repeated row is only seen where both its requests take
 * part. The time in between varies by half, so that traffic with a beat of its own is not always met at the same phase,
 * and replicas do not look together.
 */
export class AdaptiveBypass {
  #rows = 0;
  #hits = 0;
  #bypassedUntilMs = Number.NEGATIVE_INFINITY;
  #bypassedRows = 0;

  /** @param random from 0 (inclusive) to 1 (exclusive) */
  constructor(private readonly random: () => number = Math.random) {}

  /** Whether requests pass by at present. */
  get isBypassing(): boolean {
    return this.#bypassedRows > 0;
  }

  /**
   * Whether the next request of `rows` rows takes part in the cache.
   *
   * @param nowMs on any clock that never goes back
   */
  takesPart(rows: number, nowMs: number): boolean {
    if (this.#bypassedRows <= 0) return true;
    this.#bypassedRows -= rows;
    if (nowMs >= this.#bypassedUntilMs) this.#bypassedRows = 0;
    return false;
  }

  /** Tells how `rows` rows that took part fared. `hits`: rows that were spared a run. */
  record(rows: number, hits: number, nowMs: number): void {
    this.#rows += rows;
    this.#hits += hits;
    if (this.#rows < WINDOW_ROWS) return;
    if (this.#hits < MIN_HIT_RATIO * this.#rows) {
      const factor = 0.5 + this.random();
      this.#bypassedRows = factor * BYPASSED_ROWS;
      this.#bypassedUntilMs = nowMs + factor * BYPASSED_MS;
    }
    this.#rows = 0;
    this.#hits = 0;
  }
}
