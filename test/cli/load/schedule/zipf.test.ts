import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { seeded } from '../../../../cli/load/schedule/random';
import { zipf } from '../../../../cli/load/schedule/zipf';

function counts(size: number, exponent: number, draws: number, seed: number): number[] {
  const next = zipf(size, exponent, seeded(seed));
  const found = new Array<number>(size).fill(0);
  for (let i = 0; i < draws; i++) {
    const rank = next();
    found[rank - 1] = (found[rank - 1] ?? 0) + 1;
  }
  return found;
}

test('each rank is drawn as often as k^−s says', () => {
  const DRAWS = 20_000;
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.double({ min: 0, max: 3, noNaN: true }),
      fc.integer(),
      (size, exponent, seed) => {
        const weights = Array.from({ length: size }, (_, i) => (i + 1) ** -exponent);
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        for (const [i, count] of counts(size, exponent, DRAWS, seed).entries()) {
          const expected = (DRAWS * (weights[i] ?? 0)) / total;
          // Six standard deviations of a binomial count.
          expect(Math.abs(count - expected)).toBeLessThan(6 * Math.sqrt(expected) + 6);
        }
      },
    ),
    { numRuns: 40 },
  );
});

test('the exponent 1 is no special case', () => {
  const [first = 0, second = 0] = counts(1000, 1, 50_000, 5);
  expect(first / second).toBeCloseTo(2, 0);
});

test('a billion keys cost no memory and stay in range', () => {
  const next = zipf(1e9, 0.99, seeded(9));
  const ranks = Array.from({ length: 10_000 }, next);
  expect(ranks.every((rank) => Number.isInteger(rank) && rank >= 1 && rank <= 1e9)).toBe(true);
});
