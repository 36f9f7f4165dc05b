import { expect, test } from '@jest/globals';
import { quantityMilli } from '../../../../lib/plan/simulate/quantity';

test.each([
  ['100m', 100],
  ['0.1', 100],
  ['1', 1000],
  ['1.5k', 1_500_000],
  ['500u', 1],
  ['2Ki', 2_048_000],
])('the quantity %s is %d thousandths', (text, expected) => {
  expect(quantityMilli(text)).toBe(expected);
});

test.each(['', 'm', '1x', '-1', '1 m'])('%j is no quantity', (text) => {
  expect(quantityMilli(text)).toBeUndefined();
});
