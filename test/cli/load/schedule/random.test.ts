import { expect, test } from '@jest/globals';
import { seeded } from '../../../../cli/load/schedule/random';

const SEEDS = Array.from({ length: 2000 }, (_, seed) => seed);

test.each([0, 1, 2])('number %i after a small seed is as random as any', (position) => {
  const numbers = SEEDS.map((seed) => {
    const random = seeded(seed);
    for (let i = 0; i < position; i++) random();
    return random();
  });
  // The mean of 2,000 uniform numbers is within 0.03 of a half in all but 3 of a million cases.
  expect(Math.abs(numbers.reduce((sum, number) => sum + number, 0) / SEEDS.length - 0.5)).toBeLessThan(0.03);
});

test('the same seed gives the same numbers', () => {
  const [one, other] = [seeded(7), seeded(7)];
  expect([one(), one(), one()]).toEqual([other(), other(), other()]);
});
