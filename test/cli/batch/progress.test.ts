import { expect, test } from '@jest/globals';
import { ProgressLine } from '../../../cli/batch/progress';

function tellAll(isTTY: boolean): string[] {
  const written: string[] = [];
  let nowMs = 0;
  const line = new ProgressLine({ isTTY, write: (text) => written.push(text) }, () => nowMs);
  for (const doneRows of [1000, 2000, 3000, 4000]) {
    nowMs += 6000;
    line.tell({ doneRows, foundRows: 1000, totalRows: 4000, rejectedRows: doneRows > 2000 ? 7 : 0 });
  }
  return written;
}

test('in a log, progress is a line from time to time, and one at the end', () => {
  expect(tellAll(false)).toEqual([
    '2,000 of 4,000 rows (50 %), 83 rows/s\n',
    '4,000 of 4,000 rows (100 %), 125 rows/s, 7 rejected\n',
  ]);
});

test('in a terminal, it is one line that changes', () => {
  const written = tellAll(true);
  expect(written).toHaveLength(4);
  expect(written[0]).toBe('\r\u001b[K1,000 of 4,000 rows (25 %), 0 rows/s');
  expect(written[3]).toMatch(/rejected\n$/);
});
