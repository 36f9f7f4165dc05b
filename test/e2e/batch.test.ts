import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { FeatureServer } from '../service/cache/features/feature-server';
import { adder } from '../support/adder';
import { FaultyProxy } from '../support/faulty-proxy';
import { ModelFolder } from '../support/model-folder';
import { RedisServer } from '../support/redis-server';
import { post } from '../support/requests';
import { S3Server } from '../support/s3-server';
import { type HeadroomProcess, ROOT, runHeadroom, startHeadroom, startService } from '../support/service-process';

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

test('a file in a bucket is predicted into a bucket by two shards, and a run that lost a part does only that again', async () => {
  const BUCKET = 'shop-data';
  const s3 = await S3Server.start(BUCKET);
  try {
    // GIVEN
    await s3.put(BUCKET, 'in/rows.jsonl', ROWS.map((row) => JSON.stringify(row)).join('\n'));
    const flags = ['--model', MODEL, '--in', `s3://${BUCKET}/in/`, '--out', `s3://${BUCKET}/scored/today/`];
    const shard = (index: string) =>
      runHeadroom(
        ['batch', ...flags, '--keep', 'id', '--part-rows', '16', '--shards', '2', '--shard', index, '--json'],
        ROOT,
        s3.environment,
      );
    // WHEN
    const ended = [await shard('0'), await shard('1')];
    // THEN
    expect(ended.map(({ code, stderr }) => (code === 0 ? 0 : stderr))).toEqual([0, 0]);
    expect(JSON.parse(ended[1]?.stdout ?? '')).toMatchObject({ isComplete: true });
    const parts = [0, 1, 2].map((part) => `scored/today/part-00000${part}.jsonl`);
    const written = ['scored/today/_SUCCESS', 'scored/today/_plan.json', 'scored/today/_rejected/part-000000.jsonl'];
    expect(s3.keys(BUCKET)).toEqual(['in/rows.jsonl', ...written, ...parts]);
    const texts = await Promise.all(parts.map((part) => s3.get(BUCKET, part)));
    const rows = texts.flatMap((text) =>
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    );
    expect(rows.map(({ prediction }) => prediction)).toEqual(predictions);
    // and WHEN a part is lost
    s3.remove(BUCKET, parts[2] ?? '');
    const again = await shard('0');
    // THEN
    expect(JSON.parse(again.stdout)).toMatchObject({ foundParts: 1, writtenParts: 1, isComplete: true });
    expect(await s3.get(BUCKET, parts[2] ?? '')).toBe(texts[2]);
  } finally {
    await s3.stop();
  }
});

test('a run that is killed between what it rejects and its part goes on with both of one mind', async () => {
  const BUCKET = 'shop-data';
  const s3 = await S3Server.start(BUCKET);
  const proxy = await FaultyProxy.start(s3.environment.AWS_ENDPOINT_URL_S3 ?? '');
  const rows: Record<string, Record<string, unknown>> = { u: { a: 2, b: 3 } };
  const features = await FeatureServer.start(rows);
  const models = adder('featureView: {name: user, budgetMs: 10000}');
  const flags = ['--in', `s3://${BUCKET}/in/rows.jsonl`, '--out', `s3://${BUCKET}/scored`, '--json'];
  const command = ['batch', '--models', models.path, '--model', 'add', '--feature-store', features.url, ...flags];
  const start = () => startHeadroom(command, ROOT, { ...s3.environment, AWS_ENDPOINT_URL_S3: proxy.url });
  try {
    // GIVEN a run that cannot predict one of two entities, and is killed as it writes its part
    await s3.put(BUCKET, 'in/rows.jsonl', '{"entity":"u"}\n{"entity":"w"}\n');
    proxy.misbehave('PUT', '/scored/part-000000.jsonl', () => first.kill());
    const first = start();
    expect(await first.ended).toMatchObject({ code: null });
    const told = await s3.get(BUCKET, 'scored/_rejected/part-000000.jsonl');
    expect(JSON.parse(told)).toMatchObject({ row: 2, record: { entity: 'w' } });
    // WHEN the store has learnt of the other, and the run is started again
    rows.w = { a: 5, b: 5 };
    const { code, stdout, stderr } = await start().ended;
    // THEN
    expect([code, stderr]).toEqual([0, expect.any(String)]);
    expect(JSON.parse(stdout)).toMatchObject({ doneRows: 2, rejectedRows: 0, isComplete: true });
    expect(await s3.get(BUCKET, 'scored/_rejected/part-000000.jsonl')).toBe('');
    expect((await s3.get(BUCKET, 'scored/part-000000.jsonl')).trim().split('\n')).toHaveLength(2);
  } finally {
    await features.stop();
    await proxy.stop();
    await s3.stop();
    models.delete();
  }
});

test('a run that is interrupted says how far it came, and the same command goes on', async () => {
  const BUCKET = 'shop-data';
  const s3 = await S3Server.start(BUCKET);
  const proxy = await FaultyProxy.start(s3.environment.AWS_ENDPOINT_URL_S3 ?? '');
  const rows = ROWS.filter(({ age }) => age >= 0);
  writeFileSync(join(directory, 'good.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
  const places = ['--in', join(directory, 'good.jsonl'), '--out', `s3://${BUCKET}/interrupted`];
  const command = ['batch', '--model', MODEL, ...places, '--keep', 'id', '--part-rows', '10', '--json'];
  const start = () => startHeadroom(command, ROOT, { ...s3.environment, AWS_ENDPOINT_URL_S3: proxy.url });
  try {
    // GIVEN a run that has written the first part of four, and waits for the second to be taken
    proxy.misbehave('PUT', '/interrupted/part-000001.jsonl', () => running.interrupt());
    // WHEN it is interrupted
    const running = start();
    // THEN
    const { code, stdout, stderr } = await running.ended;
    expect([code, stdout]).toEqual([130, '']);
    expect(stderr).toMatch(/^stopped after 1 part; the same command goes on\n$/m);
    const again = await start().ended;
    const { doneRows, foundParts, isComplete } = JSON.parse(again.stdout);
    expect([doneRows, foundParts, isComplete]).toEqual([rows.length, 1, true]);
  } finally {
    await proxy.stop();
    await s3.stop();
  }
});

describe('a run that cannot begin ends with its sentence', () => {
  const folder = new ModelFolder().add('broken', 'scale');
  let redis: RedisServer;
  let running: HeadroomProcess | undefined;

  beforeAll(async () => {
    redis = await RedisServer.start();
    writeFileSync(join(folder.path, 'broken', '1', 'model.onnx'), 'no model');
    writeFileSync(join(directory, 'two.jsonl'), JSON.stringify(other));
  });
  afterEach(() => running?.kill());
  afterAll(async () => {
    await redis.stop();
    folder.delete();
  });

  const run = (...flags: string[]) => {
    const input = ['--in', join(directory, 'two.jsonl'), '--out', join(directory, 'not-begun')];
    running = startHeadroom(['batch', ...input, ...flags, '--log-level', 'silent'], ROOT, {});
    return running.ended;
  };

  test.each([
    ['a model that cannot be loaded', 'broken', "error: model 'broken' cannot be loaded: "],
    ['a model that is not there', 'brokn', "there is no model 'brokn', found: broken (did you mean broken?)"],
  ])('%s, with a Redis open for its features', async (_, model, sentence) => {
    const ended = await run('--models', folder.path, '--model', model, '--feature-store', redis.url);
    expect(ended).toEqual({ code: 42, stdout: '', stderr: expect.stringMatching(/^error: [^\n]*\n$/) });
    expect(ended.stderr).toContain(sentence);
  });

  test.each([
    ['a folder of models that is not there', ['--models', '/nowhere'], 42, "the model repository '/nowhere' cannot be"],
    ['an output folder that is a file', ['--out', '/dev/null'], 42, 'ENOTDIR: not a directory'],
  ])('%s', async (_, flags, code, sentence) => {
    const ended = await run('--model', MODEL, ...flags);
    expect(ended).toEqual({ code, stdout: '', stderr: expect.stringMatching(/^error: [^\n]*\n$/) });
    expect(ended.stderr).toContain(sentence);
  });

  test('a model that cannot be fetched just now', async () => {
    const spec = join(directory, 'remote.yaml');
    const model = "{useCase: fraud-detection, path: 'https://localhost:9/scale', peakQps: 1, pool: main}";
    writeFileSync(spec, `name: test\nmodels:\n  scale: ${model}\npools:\n  main: {hardware: cpu}\n`);
    const ended = await run('--spec', spec, '--model', 'scale', '--artifact-cache', join(directory, 'cache'));
    expect(ended).toEqual({ code: 1, stdout: '', stderr: expect.stringMatching(/^error: [^\n]*\n$/) });
    expect(ended.stderr).toContain("model 'scale' cannot be fetched: manifest.json cannot be fetched from https://");
  });
});

describe('the exit code says whether another try may help', () => {
  test.each([
    ['a model that is not there', ['--model', 'nothing'], 42, "error: there is no model 'nothing', found: "],
    ['a model that takes images', ['--model', 'image-classification'], 42, 'takes no rows of features'],
    ['an input that is not there', ['--in', '/nowhere.csv'], 42, "error: the input '/nowhere.csv' does not exist"],
    [
      'a place that is no bucket',
      ['--out', 'gs://scores/today'],
      2,
      "error: --out is 'gs://scores/today', expected a pa",
    ],
    ['a bucket that is none', ['--in', 's3://A/x.csv'], 2, "error: --in is 's3://A/x.csv', expected a path or s3://BU"],
    [
      'results among the inputs',
      ['--in', 's3://a-b/c/', '--out', 's3://a-b/c'],
      2,
      'which is the input, expected a fo',
    ],
    ['a shard beyond the last', ['--shard', '2', '--shards', '2'], 2, "error: --shard is '2', but must be"],
    ['a column that results have', ['--keep', 'row'], 2, "error: --keep has 'row', which results have of their own"],
    [
      'a column that is not there',
      ['--keep', 'agee'],
      2,
      'error: --keep: no column agee in one.jsonl, expected one of ',
    ],
  ])('%s', async (_, flags, code, message) => {
    writeFileSync(join(directory, 'one.jsonl'), JSON.stringify(other));
    const result = await batch('one.jsonl', 'refused', ...flags);
    expect([result.code, result.stdout]).toEqual([code, '']);
    expect(result.stderr).toContain(message);
  });
});
