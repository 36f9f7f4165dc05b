/** Expired jobs are looked for at most this often, while nothing runs that would come across them. */
const MIN_SWEEP_MS = 5;

/** What a sweep asks of the world. */
export interface SweepPort {
  /** The clock of the deadlines. */
  now(): number;
  /** Calls `task` once, after a delay; the answer calls it off. */
  after(delayMs: number, task: () => void): () => void;
}

/** Sees to it that a job that still waits at its deadline is answered then, even if no run ends. */
export class DeadlineSweep {
  #atMs = Number.POSITIVE_INFINITY;
  #cancel: (() => void) | undefined;

  constructor(
    private readonly port: SweepPort,
    /** Looks through what waits, and says when the next of it expires: infinity where nothing waits. */
    private readonly sweep: (nowMs: number) => number,
  ) {}

  /** Sweeps at `deadlineMs`, or soon after it. */
  by(deadlineMs: number, nowMs: number): void {
    const atMs = Math.max(deadlineMs, nowMs + MIN_SWEEP_MS);
    // Never later than planned: jobs that keep coming must not put off those that wait.
    if (atMs >= this.#atMs) return;
    this.#cancel?.();
    this.#atMs = atMs;
    this.#cancel = this.port.after(atMs - nowMs, () => this.#run());
  }

  #run(): void {
    this.#atMs = Number.POSITIVE_INFINITY;
    this.#cancel = undefined;
    const nowMs = this.port.now();
    const nextMs = this.sweep(nowMs);
    if (nextMs < Number.POSITIVE_INFINITY) this.by(nextMs, nowMs);
  }
}
