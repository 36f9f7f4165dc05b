/** A worker that lived this long did not end because of how it started; the count begins anew. */
const STABLE_MS = 10_000;
const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 30_000;

/** How long to wait before a lost worker is replaced: not at all the first time, then twice as long each time. */
export class RestartBackoff {
  #losses = 0;

  /** @param livedMs how long the lost worker was there */
  nextDelayMs(livedMs: number): number {
    if (livedMs >= STABLE_MS) this.#losses = 0;
    this.#losses += 1;
    if (this.#losses === 1) return 0;
    return Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (this.#losses - 2));
  }
}
