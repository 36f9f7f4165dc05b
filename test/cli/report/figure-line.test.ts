import { expect, test } from '@jest/globals';
import { amount } from '../../../cli/report/figure-line';

test.each([
  [1, 'cores', '1 core'],
  [1.5, 'cores', '1.5 cores'],
  [1, 'ms', '1 ms'],
  [3, '', '3'],
])('%d %s is told as %s', (value, unit, text) => {
  expect(amount({ value, unit })).toBe(text);
});
