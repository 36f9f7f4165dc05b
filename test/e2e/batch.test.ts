import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { post } from '../support/requests';
import { ROOT, runHeadroom, startService } from '../support/service-process';

const MODEL = 'fraud-detection';
const { example } = parse(readFileSync(join(ROOT, 'models', MODEL, 'model.yaml'), 'utf8'));
const [applicant, other] = example.instances;
/** Rows with numbers of their own; the fourth has a mistake. */
const ROWS = Array.from({ length: 40 }, (_, n) => ({
  id: n,
  ...applicant,
  age: n === 3 ? -1 : 20 + n,
  income: 100 + n,
}));

let directory: string;
/** What the service answers for the good rows. */
let predictions: unknown[];
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'headroom-batch-'));
  const service = await startService();
  const instances = ROWS.filter(({ age }) => age >= 0).map(({ id: _, ...features }) => features);
  const answer = await post(`${service.url}/v1/models/${MODEL}:predict`, { instances });
  predictions = Object(answer.json).predictions;
  await service.stop();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const batch = (name: string, out: string, ...flags: string[]) =>
  runHeadroom([
    'batch',
    '--model',
    MODEL,
    '--in',
    join(directory, name),
    '--out',
    join(directory, out),
    '--json',
    ...flags,
  ]);

const linesOf = (path: string) =>
  readFileSync(join(directory, path), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

async function parquetRows(path: string) {
  const { asyncBufferFromFile, parquetReadObjects } = await import('hyparquet');
  return parquetReadObjects({ file: await asyncBufferFromFile(join(directory, path)) });
}

describe('the rows of a file get the predictions that the service gives', () => {
  beforeAll(async () => {
    writeFileSync(join(directory, 'rows.jsonl'), ROWS.map((row) => JSON.stringify(row)).join('\n'));
    const columns = Object.keys(ROWS[0] ?? {});
    const records = ROWS.map((row) => Object.values(row).join(','));
    writeFileSync(join(directory, 'rows.csv'), [columns.join(','), ...records].join('\r\n'));
    const { parquetWriteBuffer } = await import('hyparquet-writer');
    const columnData = columns.map((name) => ({ name, data: ROWS.map((row) => Object(row)[name]) }));
    writeFileSync(join(directory, 'rows.parquet'), Buffer.from(parquetWriteBuffer({ columnData })));
  });

  test.each(['jsonl', 'csv', 'parquet'])('%s to JSONL', async (format) => {
    const out = `from-${format}`;
    const { code, stdout } = await batch(`rows.${format}`, out, '--keep', 'id', '--part-rows', '16');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ doneRows: 40, rejectedRows: 1, isComplete: true });
    const parts = readdirSync(join(directory, out)).filter((name) => name.startsWith('part-'));
    const rows = parts.sort().flatMap((name) => linesOf(join(out, name)));
    expect(rows.map(({ prediction }) => prediction)).toEqual(predictions);
    expect(rows.map(({ id }) => Number(id))).toEqual(ROWS.map(({ id }) => id).filter((id) => id !== 3));
    const [rejected] = linesOf(join(out, '_rejected', 'part-000000.jsonl'));
    expect(rejected).toMatchObject({ row: 4, error: "'age' is -1, expected a whole number of at least 0" });
  });

  test('JSONL to Parquet, with the answer in columns', async () => {
    const { code } = await batch('rows.jsonl', 'to-parquet', '--keep', 'id', '--format', 'parquet');
    expect(code).toBe(0);
    const rows = await parquetRows('to-parquet/part-000000.parquet');
    expect(rows.map(({ prediction }) => JSON.parse(prediction))).toEqual(predictions);
    const { label, score } = Object(predictions[0]);
    expect(rows[0]).toMatchObject({ file: 'rows.jsonl', row: 1n, id: '0', label, score });
  });
});

describe('the exit code says whether another try may help', () => {
  test.each([
    ['a model that is not there', ['--model', 'nothing'], 42, "error: there is no model 'nothing', found: "],
    ['a model that takes images', ['--model', 'image-classification'], 42, 'takes no rows of features'],
    ['an input that is not there', ['--in', '/nowhere.csv'], 42, "error: the input '/nowhere.csv' does not exist"],
    ['a bucket', ['--out', 's3://scores/today'], 2, "error: --out is 's3://scores/today', expected a path"],
    ['a shard beyond the last', ['--shard', '2', '--shards', '2'], 2, "error: --shard is '2', but must be"],
    ['a column that results have', ['--keep', 'row'], 2, "error: --keep has 'row', which results have of their own"],
  ])('%s', async (_, flags, code, message) => {
    writeFileSync(join(directory, 'one.jsonl'), JSON.stringify(other));
    const result = await batch('one.jsonl', 'refused', ...flags);
    expect([result.code, result.stdout]).toEqual([code, '']);
    expect(result.stderr).toContain(message);
  });
});
