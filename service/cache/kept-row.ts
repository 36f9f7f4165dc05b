import type { Tensor } from '../tensor';

/** The outputs of one row, in the order in which they were requested; each tensor has a first dimension of 1. */
export type CachedRow = readonly Tensor[];

/** A cached row with what decides how long it is answered and when it is renewed. */
export interface KeptRow {
  readonly row: CachedRow;
  /** End of its life, on the clock of {@link epochMs}: the same on every replica. */
  readonly expiresMs: number;
  /** How long the run took that made it, queue included: the time a renewal must begin ahead. */
  readonly runMs: number;
}

/**
 * Milliseconds since the epoch on a clock that never goes back, so that a step of the wall clock neither prolongs nor
 * ends a life, and replicas still agree to within the differences of their clocks.
 */
export function epochMs(): number {
  return performance.timeOrigin + performance.now();
}
