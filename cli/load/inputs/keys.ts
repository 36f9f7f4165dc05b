import type { Random } from '../schedule/random';
import { zipf } from '../schedule/zipf';

/** Which input a request asks for; keys count from 0. */
export type Keys = () => number;

/** More than are asked for in a millisecond. */
const KEYS_A_MS = 64;

/**
 * Where the distinct keys of a run begin: elsewhere in each run, so that none asks for what an earlier one has left in a
 * cache. @param distinct keys there are
 */
export function firstKey(startedMs: number, distinct: number): number {
  return (Math.floor(startedMs) * KEYS_A_MS) % distinct;
}

/** Every key once, so that no cache helps. */
export function distinctKeys(from: number): Keys {
  let next = from;
  return () => next++;
}

/** `count` keys, the most wanted first; see {@link zipf} for the exponent. */
export function hotKeys(count: number, exponent: number, random: Random): Keys {
  const rank = zipf(count, exponent, random);
  return () => rank() - 1;
}
