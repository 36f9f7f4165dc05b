import { describe, expect, test } from '@jest/globals';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { checkKept } from '../../../cli/batch/kept-columns';
import { UsageError } from '../../../cli/errors';
import { memoryFile } from '../../service/batch/memory-file';

const columnData = ['id', 'branch'].map((name) => ({ name, type: 'DOUBLE' as const, data: [1] }));
const parquet = new Uint8Array(parquetWriteBuffer({ columnData }));

describe('a column to keep that no input has is refused, with those that there are', () => {
  test.each([
    ['CSV', memoryFile('a.csv', 'id,branch\n1,2\n')],
    ['JSONL', memoryFile('a.jsonl', '{"id":1}\n{"branch":2}\n{"cut')],
    ['Parquet', memoryFile('a.parquet', parquet)],
  ])('in %s', async (_, file) => {
    const checking = checkKept(['id', 'nope'], [file]);
    await expect(checking).rejects.toThrow(UsageError);
    await expect(checking).rejects.toThrow(`no column nope in ${file.name}, expected one of id, branch`);
    await expect(checkKept(['branch', 'id'], [file])).resolves.toBeUndefined();
  });

  test('and the one that was meant', async () => {
    const checking = checkKept(['brnch'], [memoryFile('a.csv', 'id,branch\n')]);
    await expect(checking).rejects.toThrow(
      'no column brnch in a.csv, expected one of id, branch (did you mean branch?)',
    );
  });
});

test('a column that one of several inputs has is kept', async () => {
  const inputs = [memoryFile('a.csv', 'id\n'), memoryFile('b.jsonl', '{"branch":1}\n')];
  await expect(checkKept(['branch'], inputs)).resolves.toBeUndefined();
});

test('inputs without rows miss no column', async () => {
  await expect(checkKept(['id'], [memoryFile('a.jsonl', ''), memoryFile('b.csv', '')])).resolves.toBeUndefined();
});
