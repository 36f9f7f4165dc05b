import { connect } from 'node:net';
import { deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { errorOf, post, send } from '../support/requests';
import { type ServiceProcess, startService } from '../support/service-process';

const FRAUD = '/v2/models/fraud-detection/infer';
const PREDICT = '/v1/models/fraud-detection:predict';
const IMAGE = '/v1/models/image-classification:predict';

const row = Array.from({ length: 13 }, (_, i) => i);
const tensor = { name: 'features', shape: [1, 13], datatype: 'FP32', data: row };
const applicant = {
  seniority: 12,
  home: 'owner',
  time: 36,
  age: 44,
  marital: 'married',
  records: false,
  job: 'fixed',
  expenses: 60,
  income: 210,
  assets: 6000,
  debt: 0,
  amount: 700,
  price: 1450,
};

describe('what a caller does wrong', () => {
  let service: ServiceProcess;

  beforeAll(async () => {
    service = await startService(['--body-limit-mib', '4']);
  });
  afterAll(() => service.stop());

  test.each<[string, string, unknown, number, string]>([
    ['malformed JSON', FRAUD, '{"inputs": [', 400, 'JSON'],
    ['an empty body', FRAUD, '', 400, 'JSON'],
    ['a body that is no object', FRAUD, '[1]', 400, 'object'],
    ['no inputs', FRAUD, {}, 400, 'inputs'],
    ['an unknown input', FRAUD, { inputs: [{ ...tensor, name: 'feature' }] }, 400, "'feature'"],
    ['a name of the prototype', FRAUD, { inputs: [{ ...tensor, name: '__proto__' }] }, 400, "'__proto__'"],
    ['an input twice', FRAUD, { inputs: [tensor, tensor] }, 400, "'features'"],
    ['a wrong datatype', FRAUD, { inputs: [{ ...tensor, datatype: 'INT64' }] }, 400, 'INT64'],
    ['a datatype that does not exist', FRAUD, { inputs: [{ ...tensor, datatype: 'FLOAT' }] }, 400, 'FLOAT'],
    ['a wrong shape', FRAUD, { inputs: [{ ...tensor, shape: [1, 12] }] }, 400, "'features'"],
    ['a negative dimension', FRAUD, { inputs: [{ ...tensor, shape: [-1, 13] }] }, 400, '-1'],
    ['a huge declared shape', FRAUD, { inputs: [{ ...tensor, shape: [1e9, 13] }] }, 400, "'features'"],
    ['a shape that overflows', FRAUD, { inputs: [{ ...tensor, shape: [2 ** 53, 13] }] }, 400, "'features'"],
    ['too few elements', FRAUD, { inputs: [{ ...tensor, data: [1] }] }, 400, "'features'"],
    ['text for a number', FRAUD, { inputs: [{ ...tensor, data: [...row.slice(1), 'x'] }] }, 400, "'features'"],
    ['null for a number', FRAUD, { inputs: [{ ...tensor, data: [...row.slice(1), null] }] }, 400, 'null'],
    ['ragged data', FRAUD, { inputs: [{ ...tensor, data: [row.slice(1), 1] }] }, 400, "'features'"],
    ['an unknown output', FRAUD, { inputs: [tensor], outputs: [{ name: 'nope' }] }, 400, "'nope'"],
    ['an id that is no text', FRAUD, { id: 7, inputs: [tensor] }, 400, 'id'],
    ['an unknown model', '/v2/models/nope/infer', { inputs: [tensor] }, 404, "'nope'"],
    ['an unknown version', '/v2/models/fraud-detection/versions/9/infer', { inputs: [tensor] }, 404, "'9'"],
    ['a version that is no number', '/v2/models/fraud-detection/versions/x/infer', { inputs: [tensor] }, 404, "'x'"],
    ['a verb that does not exist', '/v1/models/fraud-detection:explain', {}, 404, ':explain'],
    ['an unknown feature', PREDICT, { instances: [{ ...applicant, sex: 1 }] }, 400, "'sex'"],
    ['a missing feature', PREDICT, { instances: [{ ...applicant, age: undefined }] }, 400, "'age'"],
    ['an ill-typed feature', PREDICT, { instances: [{ ...applicant, age: 'old' }] }, 400, "'age'"],
    ['an unknown category', PREDICT, { instances: [{ ...applicant, home: 'castle' }] }, 400, 'owner'],
    ['instances that are no list', PREDICT, { instances: applicant }, 400, 'instances'],
    ['JSON for an image model', IMAGE, { instances: [{}] }, 415, 'image'],
  ])('%s', async (_, path, body, status, named) => {
    const answer = await post(service.url + path, body);
    expect([answer.status, errorOf(answer)]).toEqual([status, expect.stringContaining(named)]);
  });

  test('every wrong feature is named in one answer', async () => {
    const answer = await post(service.url + PREDICT, { instances: [{ ...applicant, age: 'old', home: 1, sex: 1 }] });
    expect(errorOf(answer)).toMatch(/age.*home.*sex|sex.*age.*home|age.*sex.*home|home.*age.*sex/s);
  });

  test('deep nesting', async () => {
    const data = '['.repeat(200_000) + ']'.repeat(200_000);
    const answer = await post(
      service.url + FRAUD,
      JSON.stringify({ inputs: [{ ...tensor, data: 0 }] }).replace('"data":0', `"data":${data}`),
    );
    expect([answer.status, errorOf(answer)]).toEqual([400, expect.stringContaining("'features'")]);
  });

  test('a body beyond the limit', async () => {
    const answer = await post(service.url + FRAUD, `"${'x'.repeat(5 << 20)}"`);
    expect([answer.status, errorOf(answer)]).toEqual([413, expect.any(String)]);
  });

  test.each([
    ['gzip', gzipSync],
    ['GZIP', gzipSync],
    ['deflate', deflateSync],
  ])('a decompression bomb in %s', async (encoding, compress) => {
    // GIVEN a few hundred kilobytes that would become 256 MiB
    const bomb = compress(Buffer.alloc(256 << 20));
    const answer = await post(service.url + FRAUD, bomb, { 'content-encoding': encoding });
    expect([answer.status, errorOf(answer)]).toEqual([413, expect.any(String)]);
  });

  test.each([
    ['corrupt', Buffer.from('this is not gzip')],
    ['cut short', gzipSync(JSON.stringify({ inputs: [tensor] })).subarray(0, 40)],
  ])('a compressed body that is %s', async (_, body) => {
    const answer = await post(service.url + FRAUD, body, { 'content-encoding': 'gzip' });
    expect([answer.status, errorOf(answer)]).toEqual([400, expect.stringContaining('compressed')]);
  });

  test.each(['text/xml', 'application/soap+xml; charset=utf-8', 'multipart/form-data; boundary=x'])(
    'a content type that is something else: %s',
    async (type) => {
      const answer = await post(service.url + FRAUD, { inputs: [tensor] }, { 'content-type': type });
      expect([answer.status, errorOf(answer)]).toEqual([415, expect.stringContaining(type.split(';')[0] ?? '')]);
    },
  );

  test('an encoding that is not known', async () => {
    const answer = await post(service.url + FRAUD, '{}', { 'content-encoding': 'br' });
    expect([answer.status, errorOf(answer)]).toEqual([415, expect.stringContaining("'br'")]);
  });

  test.each([
    ['not a number', 'abc'],
    ['negative', '-1'],
    ['beyond the body', '99999'],
  ])('a length of the JSON part that is %s', async (_, length) => {
    const answer = await post(service.url + FRAUD, { inputs: [tensor] }, { 'inference-header-content-length': length });
    expect([answer.status, errorOf(answer)]).toEqual([400, expect.stringContaining(length)]);
  });

  test.each([
    ['is no number', 'soon'],
    ['is zero', '0'],
  ])('a timeout that %s', async (_, timeout) => {
    const answer = await post(service.url + FRAUD, { inputs: [tensor] }, { 'x-request-timeout-ms': timeout });
    expect([answer.status, errorOf(answer)]).toEqual([400, expect.stringContaining(`'${timeout}'`)]);
  });

  test('an image that is cut short', async () => {
    const image = await sharp({ create: { width: 64, height: 64, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer();
    const answer = await post(service.url + IMAGE, image.subarray(0, image.length / 2), {
      'content-type': 'image/jpeg',
    });
    expect([answer.status, errorOf(answer)]).toEqual([400, expect.any(String)]);
  });

  test('an image in a format that is not accepted', async () => {
    const image = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .gif()
      .toBuffer();
    const answer = await post(service.url + IMAGE, image, { 'content-type': 'image/gif' });
    expect([answer.status, errorOf(answer)]).toEqual([415, expect.any(String)]);
  });

  test('an image for a model of features', async () => {
    const answer = await post(service.url + PREDICT, Buffer.from([1, 2]), { 'content-type': 'image/png' });
    expect([answer.status, errorOf(answer)]).toEqual([415, expect.stringContaining("'fraud-detection'")]);
  });

  test('a wrong method is told which are right', async () => {
    const answer = await send(service.url + FRAUD, { method: 'DELETE' });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
  });

  test('administration is not reachable on the public port', async () => {
    const answers = await Promise.all([
      send(`${service.url}/metrics`),
      post(`${service.url}/v2/repository/models/fraud-detection/unload`, {}),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([404, 404]);
  });

  test.each([
    ['/metrics', 'GET /metrics on this port, only on the administration port, 8002 by default'],
    ['/v1/cache', 'GET /v1/cache on this port, only on the administration port, 8002 by default'],
    ['/nothing', 'GET /nothing'],
  ])('who asks the public port for %s is told where it is', async (path, where) => {
    expect(errorOf(await send(service.url + path))).toBe(`there is nothing at ${where}`);
  });

  test('who asks the administration port for predictions is told where they are', async () => {
    const path = '/v1/models/fraud-detection:predict';
    expect(errorOf(await post(service.adminUrl + path, {}))).toBe(
      `there is nothing at POST ${path} on this port, only on the inference port, 8000 by default`,
    );
  });

  test('bytes that are no HTTP', async () => {
    const answer = await rawExchange(service.url, 'nonsense\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 [\s\S]*\{"error":"/);
  });

  test.each([
    ['a path that cannot be decoded', '/v2/models/%ff/infer', 400],
    ['a path of which a part is too long', `/v2/models/${'a'.repeat(5000)}/infer`, 414],
    ['a URL longer than Node reads', `/${'a'.repeat(20_000)}`, 431],
  ])('%s', async (_, path, status) => {
    const answer = await post(service.url + path, { inputs: [tensor] });
    expect([answer.status, errorOf(answer)]).toEqual([status, expect.stringMatching(/^[a-z]/)]);
  });

  test('a body shorter than its content-length says', async () => {
    const head = `POST ${FRAUD} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 100\r\n\r\n{}`;
    const answer = await rawExchange(service.url, head);
    expect(answer === '' || answer.startsWith('HTTP/1.1 4')).toBe(true);
  });

  test('after all of it the service is ready and predicts', async () => {
    const ready = await send(`${service.url}/v2/health/ready`);
    const answer = await post(service.url + PREDICT, { instances: [applicant] });
    expect([ready.status, answer.status]).toEqual([200, 200]);
  });

  test('no mistake of a caller was logged as a failure of the service', () => {
    expect(service.log()).not.toContain('"level":"error"');
  });
});

/** Writes `text`, ends the sending side, and reads what comes until the connection closes. */
function rawExchange(url: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.end(text));
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString();
    });
    socket.once('close', () => resolve(received));
    socket.once('error', reject);
  });
}
