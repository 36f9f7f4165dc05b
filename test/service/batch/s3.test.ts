import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { S3Bucket } from '../../../service/batch/s3-bucket';
import { S3Folder } from '../../../service/batch/s3-folder';
import { s3Inputs } from '../../../service/batch/s3-inputs';
import { ArtifactError, BatchError } from '../../../service/errors';
import { type HttpAnswer, HttpClient, type HttpRequest } from '../../../service/repository/artifacts/http-client';
import { FaultyProxy } from '../../support/faulty-proxy';
import { S3Server } from '../../support/s3-server';

const BUCKET = 'shop-data';
let server: S3Server;
let client: HttpClient;
let bucket: S3Bucket;
/** Of each test, so that none sees what another wrote. */
let prefix: string;
let tests = 0;

beforeAll(async () => {
  server = await S3Server.start(BUCKET);
  client = new HttpClient();
  bucket = new S3Bucket(BUCKET, client, { AWS_ENDPOINT_URL_S3: server.environment.AWS_ENDPOINT_URL_S3 });
  // The standard chain of AWS reads the environment of the process.
  Object.assign(process.env, server.environment);
});
afterAll(async () => {
  for (const name of Object.keys(server.environment)) delete process.env[name];
  client.close();
  await server.stop();
});
beforeEach(() => {
  prefix = `run-${++tests}`;
});

async function rejectionsOf(calls: readonly Promise<unknown>[]): Promise<readonly PromiseRejectedResult[]> {
  const settled = await Promise.allSettled(calls);
  const rejected = settled.filter((one) => one.status === 'rejected');
  expect(rejected).toHaveLength(calls.length);
  return rejected;
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

describe('a folder in a bucket', () => {
  test('keeps what was written first', async () => {
    const folder = new S3Folder(bucket, prefix);
    expect(await folder.writeOnce('_rejected/a.jsonl', bytesOf('one'))).toBe(true);
    expect(await folder.writeOnce('_rejected/a.jsonl', bytesOf('two'))).toBe(false);
    expect(String(await folder.read('_rejected/a.jsonl'))).toBe('one');
    expect(await folder.read('b.jsonl')).toBeUndefined();
  });

  test('is named with its bucket, as its files are', () => {
    const folder = new S3Folder(bucket, 'scored/today');
    const shown = [folder.shown(), folder.shown('a.jsonl'), new S3Folder(bucket, '').shown()];
    const root = `s3://${BUCKET}`;
    expect(shown).toEqual([`${root}/scored/today`, `${root}/scored/today/a.jsonl`, root]);
  });

  test('replaces what it is told to, whether it is there or not', async () => {
    const folder = new S3Folder(bucket, prefix);
    await folder.replace('a.jsonl', bytesOf('one'));
    await folder.replace('a.jsonl', bytesOf('two'));
    expect(String(await folder.read('a.jsonl'))).toBe('two');
  });

  test('begins a large file anew where another one was on its way as it was put together', async () => {
    // GIVEN a server that says so once; the upload is gone then
    const proxy = await FaultyProxy.start(server.environment.AWS_ENDPOINT_URL_S3 ?? '');
    proxy.misbehave('POST', 'uploadId=', (response) => {
      response.writeHead(409).end('<Error><Code>ConditionalRequestConflict</Code></Error>');
    });
    const between = new S3Bucket(BUCKET, client, { AWS_ENDPOINT_URL_S3: proxy.url });
    // WHEN
    const content = randomBytes(33 * 2 ** 20);
    const isWritten = await between.writeOnce(`${prefix}/large`, content);
    await proxy.stop();
    // THEN
    expect(isWritten).toBe(true);
    expect((await bucket.readAll(`${prefix}/large`))?.equals(content)).toBe(true);
    const completed = proxy.requests.filter((line) => line.startsWith('POST') && line.includes('uploadId='));
    expect([completed.length, new Set(completed).size]).toEqual([2, 2]);
  });

  test('in a bucket that is not there is told by its name, which another try would not mend', async () => {
    const folder = new S3Folder(new S3Bucket('no-such-bucket', client, server.environment), prefix);
    const calls = [
      folder.read('_plan.json'),
      folder.writeOnce('_plan.json', bytesOf('{}')),
      folder.replace('a.jsonl', bytesOf('')),
      folder.names(),
    ];
    for (const { reason } of await rejectionsOf(calls)) {
      expect(reason).toBeInstanceOf(BatchError);
      expect(String(reason)).toContain('s3://no-such-bucket: the server answers 404 (NoSuchBucket');
    }
  });

  test('names what is in it and below it, and nothing beside it', async () => {
    const folder = new S3Folder(bucket, prefix);
    await folder.writeOnce('_rejected/a & b.jsonl', bytesOf('one'));
    await folder.writeOnce("c's (1)+.jsonl", bytesOf('two'));
    await bucket.writeOnce(`${prefix}-other/d.jsonl`, bytesOf('three'));
    expect([...(await folder.names())].sort()).toEqual(['_rejected/a & b.jsonl', "c's (1)+.jsonl"]);
  });

  test('that has nothing in it is empty', async () => {
    expect([...(await new S3Folder(bucket, prefix).names())]).toEqual([]);
  });

  test('takes large files in parts, which are no file before they are put together', async () => {
    // GIVEN 70 MiB, and a look at the folder after each part
    const content = randomBytes(70 * 2 ** 20);
    const key = `${prefix}/large`;
    const seen: boolean[] = [];
    const watching = new (class extends HttpClient {
      override async send(request: HttpRequest): Promise<HttpAnswer> {
        const answer = await super.send(request);
        if (request.url.search.includes('partNumber=')) seen.push(server.keys(BUCKET).includes(key));
        return answer;
      }
    })();
    const folder = new S3Folder(new S3Bucket(BUCKET, watching, server.environment), prefix);
    // WHEN
    const first = await folder.writeOnce('large', content);
    const second = await folder.writeOnce('large', randomBytes(33 * 2 ** 20));
    watching.close();
    // THEN
    expect([first, second]).toEqual([true, false]);
    expect(seen.slice(0, 3)).toEqual([false, false, false]);
    const object = await bucket.find(key);
    const stored = object && (await bucket.read(object, 0, object.sizeBytes));
    expect(Buffer.from(stored ?? []).equals(content)).toBe(true);
  });
});

describe('inputs in a bucket', () => {
  const put = (name: string, text: string) => bucket.writeOnce(`${prefix}/${name}`, bytesOf(text));

  test('are the files of rows of a folder, not of those below it, or one file', async () => {
    for (const name of ['b.csv', 'a.jsonl', '.c.jsonl', 'notes.txt', 'below/d.jsonl']) await put(name, 'rows');
    const namesAt = async (key: string) => (await s3Inputs(bucket, key)).map(({ name, format }) => [name, format]);
    const all = [
      ['a.jsonl', 'jsonl'],
      ['b.csv', 'csv'],
    ];
    expect(await namesAt(prefix)).toEqual(all);
    expect(await namesAt(`${prefix}/`)).toEqual(all);
    expect(await namesAt(`${prefix}/below/d.jsonl`)).toEqual([['d.jsonl', 'jsonl']]);
  });

  test('are read in ranges', async () => {
    await put('a.jsonl', '{"x":1}\n{"x":2}\n');
    const [file] = await s3Inputs(bucket, `${prefix}/a.jsonl`);
    expect(file?.sizeBytes).toBe(16);
    expect(Buffer.from((await file?.read(8, 15)) ?? []).toString()).toBe('{"x":2}');
    expect(await file?.read(3, 3)).toHaveLength(0);
  });

  test('that have changed since they were found are not read', async () => {
    // GIVEN
    const key = `${prefix}/a.jsonl`;
    await put('a.jsonl', '{"x":1}\n');
    const [file] = await s3Inputs(bucket, key);
    // WHEN another object takes the place of the first
    server.remove(BUCKET, key);
    await put('a.jsonl', '{"x":2}\n');
    // THEN
    const reading = file?.read(0, 7);
    await expect(reading).rejects.toThrow(BatchError);
    await expect(reading).rejects.toThrow(`s3://${BUCKET}/${key} has changed while it was read`);
  });

  test.each([
    ['that are not there', 'nothing', "the input 's3://shop-data/nothing' does not exist"],
    ['without a file of rows', 'other', "the input 's3://shop-data/other' has no file of rows"],
  ])('%s are told', async (_, key, message) => {
    await bucket.writeOnce('other/notes.txt', bytesOf('no rows'));
    await expect(s3Inputs(bucket, key)).rejects.toThrow(message);
    await expect(s3Inputs(bucket, key)).rejects.toThrow(BatchError);
  });

  test('in a bucket that is not there are told, which another try would not mend', async () => {
    const other = new S3Bucket('no-such-bucket', client, server.environment);
    const finding = s3Inputs(other, 'a/');
    await expect(finding).rejects.toThrow(BatchError);
    await expect(finding).rejects.toThrow('s3://no-such-bucket: the server answers 404 (NoSuchBucket');
  });

  test('that nobody answers for are told, which another try may mend', async () => {
    const nobody = { ...server.environment, AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9' };
    const finding = s3Inputs(new S3Bucket(BUCKET, client, nobody), 'a.jsonl');
    await expect(finding).rejects.toThrow(ArtifactError);
    await expect(finding).rejects.toThrow(`s3://${BUCKET}/a.jsonl: the server refuses connections`);
  });
});
