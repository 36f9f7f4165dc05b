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
