import { expect, test } from '@jest/globals';
import { number } from '../../../cli/report/numbers';

test.each([
  [0.0038, '0.0038'],
  [0.99349, '0.993'],
  [43.8, '43.8'],
  [1_234_567, '1,234,570'],
])('%d is told as %s', (value, text) => {
  expect(number(value)).toBe(text);
});
