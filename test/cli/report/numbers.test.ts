import { expect, test } from '@jest/globals';
import { number, numberColumn, numberColumns, rowsOf } from '../../../cli/report/numbers';

test.each([
  [0.0038, '0.0038'],
  [0.99349, '0.993'],
  [43.8, '43.8'],
  [4005.89, '4,006'],
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
  [
    [2, 1.5, 0.5],
    ['2.0', '1.5', '0.5'],
  ],
  [
    [0.0891, 0.102],
    ['0.089', '0.102'],
  ],
  [[0], ['0']],
  [[undefined], ['-']],
])('the column %j has the same digits everywhere', (values, cells) => {
  expect(numberColumn(values)).toEqual(cells);
});

test('columns of one unit have the same digits, and become rows', () => {
  const columns = numberColumns([
    [0.5, 1.25],
    [12, undefined],
  ]);
  expect(rowsOf(columns)).toEqual([
    ['0.50', '12.00'],
    ['1.25', '-'],
  ]);
});
