import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Uniform in [0, 1). */
export type Random = () => number;

/** The same numbers for the same seed. */
export function seeded(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  // A small seed has few bits set, and so the first number would be all but 1, whatever the seed: a silence of some twenty arrivals.
  generator.jump();
  return () => uniformFloat64(generator);
}
