import { expect, test } from '@jest/globals';
import { textTable } from '../../../cli/report/text-table';

test('columns are as wide as their widest cell, numbers to the right', () => {
  const lines = textTable(
    ['model', { head: 'rate', align: 'right' }, 'note'],
    [
      ['fraud-detection', '7', ''],
      ['ranking', '1,200', 'at its SLO'],
    ],
  );
  expect(lines).toEqual([
    'model             rate  note',
    'fraud-detection      7',
    'ranking          1,200  at its SLO',
  ]);
});

test('a table without rows is its heads', () => {
  expect(textTable(['model', 'rate'], [])).toEqual(['model  rate']);
});

const WIDE = ['', { head: 'offered/s', align: 'right' }, { head: 'answered/s', align: 'right' }] as const;
const ROWS = [
  ['fraud', '100', '99.5'],
  ['rank', '1,000', '7'],
];

test('a table wider than a line has its rows as columns', () => {
  expect(textTable(WIDE, ROWS, 24)).toEqual([
    '            fraud   rank',
    'offered/s     100  1,000',
    'answered/s   99.5      7',
  ]);
});

test('a table that fits neither way stays as it is', () => {
  expect(textTable(WIDE, ROWS, 10)).toEqual(textTable(WIDE, ROWS));
});
