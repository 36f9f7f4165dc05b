import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parquetWriteFile } from 'hyparquet-writer';
import { readDataFile } from '../../../cli/data/data-file';

const SIGNAL = new AbortController().signal;

describe('an evaluation set', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'headroom-data-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  test('of CSV has texts, and nothing where a cell is empty', async () => {
    const path = file('a.csv', '\ufeffage,home,label\r\n41,"rent, furnished",1\r\n,owner,0\r\n');
    expect(await readDataFile(path, '--data', SIGNAL)).toEqual([
      { age: '41', home: 'rent, furnished', label: '1' },
      { home: 'owner', label: '0' },
    ]);
  });

  test('of JSONL and of Parquet has the values as they are', async () => {
    const jsonl = file('a.jsonl', '{"age": 41, "label": "good"}\n');
    const parquet = join(folder, 'a.parquet');
    parquetWriteFile({
      filename: parquet,
      columnData: [
        { name: 'age', data: [41], type: 'INT32' },
        { name: 'label', data: ['good'], type: 'STRING' },
      ],
    });
    expect(await readDataFile(jsonl, '--data', SIGNAL)).toEqual([{ age: 41, label: 'good' }]);
    expect(await readDataFile(parquet, '--data', SIGNAL)).toEqual([{ age: 41, label: 'good' }]);
  });

  test.each([
    ['a.txt', 'x', '--data is '],
    ['empty.csv', 'a,b\n', 'has no rows'],
    ['broken.csv', 'a,b\n1,2,3\n', 'cannot be read: Invalid Record Length'],
    ['twice.csv', 'a,b,a\n1,2,3\n', "cannot be read: the header names a column 'a' twice"],
    ['broken.jsonl', '{"a": 1}\n{"a": \n', 'broken.jsonl:2 is not JSON'],
    ['not.parquet', 'no', 'cannot be read'],
  ])('%s that is none is refused', async (name, text, message) => {
    await expect(readDataFile(file(name, text), '--data', SIGNAL)).rejects.toThrow(message);
  });

  test('that is a folder is refused', async () => {
    const path = join(folder, 'folder.csv');
    mkdirSync(path);
    await expect(readDataFile(path, '--data', SIGNAL)).rejects.toThrow(/^--data: .*folder\.csv cannot be read: EISDIR/);
  });

  test('is not read to its end after an interrupt', async () => {
    // GIVEN a file whose end cannot be read, far behind its beginning
    const path = file('long.csv', `a,b\n${'1,2\n'.repeat(100_000)}1,2,3\n`);
    const interrupt = new AbortController();
    // WHEN the interrupt comes while it is read
    const reading = readDataFile(path, '--data', interrupt.signal);
    setImmediate(() => interrupt.abort());
    // THEN
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('that does not exist is refused', async () => {
    await expect(readDataFile('nowhere.csv', '--data', SIGNAL)).rejects.toThrow('--data: nowhere.csv does not exist');
  });
});
