import type { Random } from '../schedule/random';
import { zipf } from '../schedule/zipf';

/** Which input a request asks for; keys count from 0. */
export type Keys = () => number;

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
