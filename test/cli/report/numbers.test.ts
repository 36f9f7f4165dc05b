import { expect, test } from '@jest/globals';
import { number, numberColumn } from '../../../cli/report/numbers';

test.each([
  [0.0038, '0.0038'],
  [0.99349, '0.993'],
  [43.8, '43.8'],
  [1_234_567, '1,234,570'],
])('%d is told as %s', (value, text) => {
  expect(number(value)).toBe(text);
});

test.each([
  [
    [467.428, 1522, 4602.5, 4674.28],
    ['467', '1,522', '4,603', '4,674'],
  ],
  [
    [0.523, 15.3, undefined, 106],
    ['0.52', '15.30', '-', '106.00'],
  ],
  [
    [0, 12],
    ['0', '12'],
  ],
  [
    [0, 12.5],
    ['0.0', '12.5'],
  ],
  [[undefined], ['-']],
])('the column %j has the same digits everywhere', (values, cells) => {
  expect(numberColumn(values)).toEqual(cells);
});
