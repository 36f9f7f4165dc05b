import { expect, test } from '@jest/globals';
import { closest, didYouMean } from '../../../lib/spec/closest';

test.each([
  ['fraud-detecton', 'fraud-detection'],
  ['Fraud-Detection', 'fraud-detection'],
  ['fraud', 'fraud-detection'],
  ['serach-ranking', 'search-ranking'],
])('%s means %s', (word, meant) => {
  expect(didYouMean(word, ['search-ranking', 'fraud-detection'])).toBe(` (did you mean ${meant}?)`);
});

test('a word that is near nothing means nothing', () => {
  expect(didYouMean('weather', ['search-ranking', 'fraud-detection'])).toBe('');
});

test('a word that is too long to be mistyped means nothing', () => {
  const name = 'a'.repeat(61);
  expect(closest(name, [name])).toBeUndefined();
});
