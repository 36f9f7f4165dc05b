import type { KeptRow } from './kept-row';

/** Share of the time to live by which single lives are longer or shorter: rows kept together do not end together. */
const JITTER = 0.1;

/** Beyond this many run times ahead, an early renewal has a probability below e^-20: not worth a random number. */
const FARTHEST_RUNS_AHEAD = 20;

/** @param random from 0 (inclusive) to 1 (exclusive) */
export function jitteredTtlMs(ttlMs: number, random: number): number {
  return ttlMs * (1 + JITTER * (2 * random - 1));
}

/**
 * Whether a row that is still good should be renewed now. Each reader decides by itself, the more likely the nearer
 * the end is and the longer a run takes, so that of many readers one renews before the end, and none must wait.
 *
 * XFetch with β = 1: Vattani, Chierichetti, Lowenstein, "Optimal Probabilistic Cache Stampede Prevention", VLDB 2015.
 *
 * @param random gives numbers from 0 (inclusive) to 1 (exclusive); called only near the end
 */
export function isDueForRenewal({ expiresMs, runMs }: KeptRow, nowMs: number, random: () => number): boolean {
  const leftMs = expiresMs - nowMs;
  if (leftMs > FARTHEST_RUNS_AHEAD * runMs) return false;
  return -Math.log(1 - random()) * runMs >= leftMs;
}
