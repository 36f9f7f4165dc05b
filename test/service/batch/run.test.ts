import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parquetMetadata } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { csvTyping } from '../../../service/batch/csv-typing';
import { LocalFolder } from '../../../service/batch/output-folder';
import { type BatchRun, runBatch } from '../../../service/batch/run';
import { ArtifactError, BatchError, BatchInterruptedError } from '../../../service/errors';
import { memoryFile } from './memory-file';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'headroom-batch-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

const ROWS = Array.from({ length: 23 }, (_, n) => `${JSON.stringify({ id: `i${n}`, x: n })}\n`).join('');

/** Doubles x, and takes nothing but numbers. */
const DOUBLING: BatchRun['model'] = {
  identity: { name: 'double', version: 1, digest: 'abc' },
  typing: csvTyping([{ name: 'x', type: 'number' }]),
  predictionType: undefined,
  takes: (column) => column === 'x',
  predict: async (records) =>
    records.map(({ x, ...others }) =>
      typeof x === 'number' && Object.keys(others).length === 0
        ? { prediction: String(2 * x), problem: undefined }
        : { prediction: undefined, problem: 'x is no number' },
    ),
};

function runOf(changes: Partial<BatchRun> = {}): BatchRun {
  return {
    model: DOUBLING,
    inputs: [memoryFile('a.jsonl', ROWS)],
    output: new LocalFolder(directory, 'scored'),
    format: 'jsonl',
    keep: ['id'],
    partRows: 5,
    shard: 0,
    shards: 1,
    lanes: 2,
    onProgress: () => {},
    sleep: async () => {},
    ...changes,
  };
}

const files = () => readdirSync(directory).sort();
const contents = () =>
  files().map((name) => (name.startsWith('part') ? readFileSync(join(directory, name), 'utf8') : ''));
const results = () =>
  contents().flatMap((text) =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line)),
  );

test('each row is predicted once, with the columns to keep, in parts of so many rows', async () => {
  const summary = await runBatch(runOf());
  expect(summary).toEqual({
    doneRows: 23,
    foundRows: 0,
    totalRows: 23,
    rejectedRows: 0,
    writtenParts: 5,
    foundParts: 0,
    isComplete: true,
  });
  expect(files()).toEqual(['_SUCCESS', '_plan.json', ...[0, 1, 2, 3, 4].map((part) => `part-00000${part}.jsonl`)]);
  expect(results()).toEqual(
    Array.from({ length: 23 }, (_, n) => ({ file: 'a.jsonl', row: n + 1, id: `i${n}`, prediction: 2 * n })),
  );
});

test('the end is marked by a list of the parts', async () => {
  const inputs = [memoryFile('a.jsonl', '{"x":1}\n{"x":"?"}\n'), memoryFile('b.csv', 'x\n3\n')];
  await runBatch(runOf({ inputs }));
  expect(JSON.parse(readFileSync(join(directory, '_SUCCESS'), 'utf8'))).toEqual({
    model: DOUBLING.identity,
    parts: [
      { name: 'part-000000.jsonl', file: 'a.jsonl', rows: 1, rejected: 1 },
      { name: 'part-000001.jsonl', file: 'b.csv', rows: 1, rejected: 0 },
    ],
  });
});

describe('rows that cannot be predicted', () => {
  test('are told apart, with the reason and as they were', async () => {
    const inputs = [memoryFile('a.jsonl', '{"x":1}\n{x}\n{"id":"i","x":"?"}\n[1]\n')];
    const { rejectedRows } = await runBatch(runOf({ inputs }));
    expect(rejectedRows).toBe(3);
    expect(results()).toEqual([{ file: 'a.jsonl', row: 1, id: null, prediction: 2 }]);
    const told = readFileSync(join(directory, '_rejected', 'part-000000.jsonl'), 'utf8')
      .trim()
      .split('\n');
    expect(told.map((line) => JSON.parse(line))).toEqual([
      { file: 'a.jsonl', row: 2, error: 'the line is no JSON', text: '{x}' },
      { file: 'a.jsonl', row: 3, error: 'x is no number', record: { id: 'i', x: '?' } },
      { file: 'a.jsonl', row: 4, error: 'the line is no object', text: '[1]' },
    ]);
  });

  test('fail the run where there are no others, as another try would', async () => {
    const inputs = [memoryFile('a.jsonl', '{"y":1}\n')];
    await expect(runBatch(runOf({ inputs }))).rejects.toThrow(BatchError);
    await expect(runBatch(runOf({ inputs }))).rejects.toThrow(
      'none of 1 row could be predicted: x is no number; see scored/_rejected/part-000000.jsonl',
    );
  });

  test('that are all there are, for several reasons, are told with the most frequent one', async () => {
    const inputs = [memoryFile('a.jsonl', '{x}\n{"y":1}\n{"y":2}\n')];
    const expected = 'none of 3 rows could be predicted, most often (2): x is no number; see scored/_rejected/';
    await expect(runBatch(runOf({ inputs }))).rejects.toThrow(expected);
    // The same of a run that finds its parts.
    await expect(runBatch(runOf({ inputs }))).rejects.toThrow(expected);
  });
});

test('all parts of Parquet have the same columns, those without a prediction, too', async () => {
  // GIVEN a file with a good row and one without
  const inputs = [memoryFile('a.jsonl', '{"x":1}\n'), memoryFile('b.jsonl', '{"x":"?"}\n')];
  const predict: BatchRun['model']['predict'] = async (records) =>
    (await DOUBLING.predict(records)).map((outcome) =>
      outcome.prediction === undefined ? outcome : { ...outcome, prediction: `{"score":${outcome.prediction}}` },
    );
  // WHEN
  await runBatch(runOf({ inputs, format: 'parquet', model: { ...DOUBLING, predictionType: 'score', predict } }));
  // THEN
  const columns = ['part-000000', 'part-000001'].map((part) => {
    const { buffer } = new Uint8Array(readFileSync(join(directory, `${part}.parquet`)));
    return parquetMetadata(buffer).schema.map(({ name, type }) => [name, type]);
  });
  expect(columns[1]).toEqual(columns[0]);
  expect(columns[0]).toContainEqual(['score', 'DOUBLE']);
});

test.each(['jsonl', 'parquet'] as const)(
  'two runs for which other rows fail tell in %s what the part of the faster one lacks',
  async (format) => {
    // GIVEN a run that cannot predict 1, and one that cannot predict 3 and is slower by the whole of the first
    const without = (bad: number): BatchRun['model'] => ({
      ...DOUBLING,
      predict: async (records) =>
        (await DOUBLING.predict(records)).map((outcome, i) =>
          records[i]?.x === bad ? { prediction: undefined, problem: `no ${bad} today` } : outcome,
        ),
    });
    const inputs = [memoryFile('a.jsonl', '{"x":0}\n{"x":1}\n{"x":2}\n{"x":3}\n')];
    const first = runOf({ inputs, format, model: without(1) });
    class SlowFolder extends LocalFolder {
      override async writeOnce(name: string, content: Uint8Array): Promise<boolean> {
        if (name.startsWith('part')) await runBatch(first);
        return super.writeOnce(name, content);
      }
    }
    // WHEN
    const summary = await runBatch(runOf({ inputs, format, model: without(3), output: new SlowFolder(directory) }));
    // THEN
    expect(summary.rejectedRows).toBe(1);
    const told = readFileSync(join(directory, '_rejected', 'part-000000.jsonl'), 'utf8');
    const error = 'it could not be predicted when its part was written';
    expect(JSON.parse(told)).toEqual({ file: 'a.jsonl', row: 2, error, record: { x: 1 } });
  },
);

describe('a run that was cut off', () => {
  /** Fails at its third call. */
  function failing(): BatchRun['model'] {
    let calls = 0;
    return {
      ...DOUBLING,
      predict: (records) => (++calls === 3 ? Promise.reject(new Error('power failure')) : DOUBLING.predict(records)),
    };
  }

  test('goes on where it was, with the same result', async () => {
    // GIVEN
    await runBatch(runOf());
    const whole = contents();
    rmSync(directory, { recursive: true });
    await expect(runBatch(runOf({ model: failing() }))).rejects.toThrow('power failure');
    expect(files()).toEqual(['_plan.json', 'part-000000.jsonl', 'part-000001.jsonl']);
    // WHEN
    const summary = await runBatch(runOf());
    // THEN
    expect(summary).toMatchObject({ foundParts: 2, foundRows: 10, writtenParts: 3, isComplete: true });
    expect(contents()).toEqual(whole);
  });

  test('forgets what it told without its part, where all rows can be predicted by now', async () => {
    // GIVEN a run that was cut off between the two
    const inputs = [memoryFile('a.jsonl', '{"x":1}\n')];
    const nothing: BatchRun['model'] = {
      ...DOUBLING,
      predict: async (records) => records.map(() => ({ prediction: undefined, problem: 'not today' })),
    };
    class DyingFolder extends LocalFolder {
      override writeOnce(name: string, content: Uint8Array): Promise<boolean> {
        if (name.startsWith('part')) throw new Error('power failure');
        return super.writeOnce(name, content);
      }
    }
    const cut = runBatch(runOf({ inputs, model: nothing, output: new DyingFolder(directory) }));
    await expect(cut).rejects.toThrow('power failure');
    const told = () => readFileSync(join(directory, '_rejected', 'part-000000.jsonl'), 'utf8');
    expect(told()).toContain('not today');
    // WHEN
    const summary = await runBatch(runOf({ inputs }));
    // THEN
    expect(summary).toMatchObject({ rejectedRows: 0, writtenParts: 1 });
    expect(told()).toBe('');
  });

  test('leaves nothing of a part that was not whole', async () => {
    await expect(runBatch(runOf({ model: failing() }))).rejects.toThrow();
    writeFileSync(join(directory, '.unfinished-0123'), '{"file":"a.js');
    await runBatch(runOf());
    expect(readdirSync(directory).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test.each([
    [
      'another model',
      { model: { ...DOUBLING, identity: { name: 'double', version: 2, digest: 'abd' } } },
      'holds another run: --model was double version 1, but is double version 2; choose another --out',
    ],
    [
      'other files of the model',
      { model: { ...DOUBLING, identity: { name: 'double', version: 1, digest: 'abd' } } },
      'holds another run: double version 1 has other files since',
    ],
    ['another input', { inputs: [memoryFile('b.jsonl', ROWS)] }, 'scored was made from a.jsonl; choose another --out'],
    [
      'one more input',
      { inputs: [memoryFile('a.jsonl', ROWS), memoryFile('b.jsonl', ROWS)] },
      'scored was made without b.jsonl; choose another --out',
    ],
    [
      'an input that has changed',
      { inputs: [{ ...memoryFile('a.jsonl', ROWS), stamp: '9 9' }] },
      'a.jsonl has changed since scored was made; choose another --out',
    ],
    ['other columns', { keep: [] }, '--keep was id, but is not given'],
    ['another format', { format: 'parquet' as const }, '--format was jsonl, but is parquet'],
    ['parts of another size', { partRows: 7 }, '--part-rows was 5, but is 7'],
  ])('is not gone on with by %s', async (_, change, message) => {
    await runBatch(runOf());
    await expect(runBatch(runOf(change))).rejects.toThrow(message);
    await expect(runBatch(runOf(change))).rejects.toThrow(BatchError);
  });
});

test('a run without an input of the one before is refused by its name', async () => {
  await runBatch(runOf({ inputs: [memoryFile('a.jsonl', ROWS), memoryFile('b.jsonl', ROWS)] }));
  await expect(runBatch(runOf())).rejects.toThrow('scored was made with b.jsonl, too; choose another --out');
});

test('a plan of an earlier release, which does not tell how large parts were to be, is gone on with', async () => {
  await runBatch(runOf());
  const path = join(directory, '_plan.json');
  const { partRows: _, ...plan } = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify(plan));
  expect(await runBatch(runOf({ partRows: 7 }))).toMatchObject({ foundParts: 5 });
});

describe('shards', () => {
  test('share the parts, and whoever is last marks the end', async () => {
    const first = await runBatch(runOf({ shard: 0, shards: 2 }));
    expect(first).toMatchObject({ writtenParts: 3, isComplete: false });
    expect(files()).not.toContain('_SUCCESS');
    const second = await runBatch(runOf({ shard: 1, shards: 2 }));
    expect(second).toMatchObject({ writtenParts: 2, isComplete: true });
    expect(results().map(({ row }) => row)).toEqual(Array.from({ length: 23 }, (_, n) => n + 1));
  });

  test('wait for the plan of the first', async () => {
    // GIVEN a shard that has nothing to do until the first has begun
    let waits = 0;
    const sleep = async () => {
      if (++waits === 3) await runBatch(runOf({ shard: 0, shards: 2 }));
    };
    // WHEN
    const summary = await runBatch(runOf({ shard: 1, shards: 2, sleep }));
    // THEN
    expect([waits, summary.isComplete]).toEqual([3, true]);
  });

  test('do not wait for ever, and may be tried again', async () => {
    const waiting = runBatch(runOf({ shard: 1, shards: 2 }));
    await expect(waiting).rejects.toThrow('shard 0 has not written _plan.json');
    await expect(waiting).rejects.toThrow(BatchInterruptedError);
  });

  test('that are run twice at the same time write each part once', async () => {
    const summaries = await Promise.all([runBatch(runOf()), runBatch(runOf()), runBatch(runOf())]);
    expect(summaries.map(({ isComplete }) => isComplete)).toEqual([true, true, true]);
    expect(results().map(({ row }) => row)).toEqual(Array.from({ length: 23 }, (_, n) => n + 1));
    expect(readdirSync(directory).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});

describe('a file of Parquet', () => {
  const written = () => {
    const columnData = [{ name: 'x', type: 'DOUBLE' as const, data: [1, 2] }];
    return new Uint8Array(parquetWriteBuffer({ columnData, codec: 'UNCOMPRESSED' }));
  };

  test.each([
    ['in its pages', (bytes: Uint8Array) => bytes.fill(0xff, 4, 40)],
    ['in its footer', (bytes: Uint8Array) => bytes.fill(0xff, -4)],
  ])('that is broken %s is told, which another try would not mend', async (_, spoil) => {
    const inputs = [memoryFile('a.parquet', spoil(written()))];
    const running = runBatch(runOf({ inputs, keep: [] }));
    await expect(running).rejects.toThrow(BatchError);
    await expect(running).rejects.toThrow('a.parquet is no Parquet: ');
  });

  test('that cannot be read just now is told as that', async () => {
    const away = new ArtifactError('the server refuses connections', true);
    const file = { ...memoryFile('a.parquet', written()), read: () => Promise.reject(away) };
    await expect(runBatch(runOf({ inputs: [file] }))).rejects.toBe(away);
  });
});

test('a file that has changed since the plan, without its size or time, is noticed', async () => {
  // GIVEN a plan
  const model = { ...DOUBLING, predict: () => Promise.reject(new Error('power failure')) };
  await expect(runBatch(runOf({ model }))).rejects.toThrow('power failure');
  // WHEN a row of the file has become blanks
  const inputs = [
    memoryFile(
      'a.jsonl',
      ROWS.replace(/^.*/, (row) => ' '.repeat(row.length)),
    ),
  ];
  // THEN
  await expect(runBatch(runOf({ inputs }))).rejects.toThrow('a.jsonl has 4 rows where the plan counted 5');
});
