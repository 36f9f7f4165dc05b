import { describe, expect, test } from '@jest/globals';
import { ProgressLine } from '../../../cli/batch/progress';

const PROGRESS = { doneRows: 0, foundRows: 1000, totalRows: 4000, rejectedRows: 0, writtenParts: 3, foundParts: 1 };

function tellAll(isTTY: boolean): string[] {
  const written: string[] = [];
  let nowMs = 0;
  const line = new ProgressLine({ isTTY, write: (text) => written.push(text) }, () => nowMs);
  for (const doneRows of [1000, 2000, 3000, 4000]) {
    nowMs += 6000;
    line.tell({ ...PROGRESS, doneRows, rejectedRows: doneRows > 2000 ? 7 : 0 });
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
  expect(written[0]).toBe('\r\u001b[K1,000 of 4,000 rows (25 %)');
  expect(written[3]).toMatch(/rejected\n$/);
});

describe('a run that was stopped tells how far it came', () => {
  test('in a log', () => {
    const line = new ProgressLine({ write: () => {} }, () => 0);
    line.tell(PROGRESS);
    expect(line.stopped()).toBe('stopped after 4 parts; the same command goes on');
  });

  test('in a terminal, in place of the progress', () => {
    const line = new ProgressLine({ isTTY: true, write: () => {} }, () => 0);
    expect(line.stopped()).toBe('\r\u001b[Kstopped after 0 parts; the same command goes on');
  });
});
