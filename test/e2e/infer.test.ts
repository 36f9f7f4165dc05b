import { deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { ModelFolder } from '../support/model-folder';
import { post, send } from '../support/requests';
import { ROOT, type ServiceProcess, startService } from '../support/service-process';

const folder = new ModelFolder()
  .add('add')
  .add('identity')
  .add('scale')
  .add('transpose')
  .add('center')
  .add('total')
  .add('strings')
  .add('nonzero');

describe('inference over the Open Inference Protocol', () => {
  let service: ServiceProcess;

  beforeAll(async () => {
    service = await startService(['--models', folder.path]);
  });
  afterAll(async () => {
    await service.stop();
    folder.delete();
  });

  const infer = (model: string, body: unknown) => post(`${service.url}/v2/models/${model}/infer`, body);
  const identity = (elements: Readonly<Record<string, string>>) => infer('identity', identityRequest(elements));
  const fp32 = (name: string, shape: number[], data: unknown) => ({ name, shape, datatype: 'FP32', data });
  const pair = (a: number[], b: number[]) => [fp32('a', [1, 3], a), fp32('b', [1, 3], b)];

  test('the bundled fraud model answers what ONNX Runtime answers', async () => {
    // GIVEN ONNX Runtime's own answer
    const rows = Float32Array.from({ length: 5 * 13 }, (_, i) => (i * 7) % 11);
    const session = await InferenceSession.create(`${ROOT}/models/fraud-detection/1/model.onnx`);
    const { probabilities } = await session.run({ features: new Tensor('float32', rows, [5, 13]) });
    // WHEN the service is asked the same
    const bundled = await startService();
    const { json } = await post(`${bundled.url}/v2/models/fraud-detection/infer`, {
      inputs: [fp32('features', [5, 13], [...rows])],
      outputs: [{ name: 'probabilities' }],
    });
    await bundled.stop();
    // THEN both are equal to the last bit
    expect(Object(json).outputs[0].data).toEqual([...Object(probabilities?.data)]);
  });

  test('a request that comes again and again is answered by its bytes, and only by its own', async () => {
    const body = (id: string) => JSON.stringify({ id, inputs: pair([1, 2, 3], [4, 5, 6]) });
    // GIVEN a request that is answered from memory, and one that differs in its id
    const asked = [];
    for (let i = 0; i < 10; i++) asked.push(await infer('add', body('a')));
    const other = await infer('add', body('b'));
    // THEN all answers of the first are alike, and the other has its own
    expect(new Set(asked.map(({ text }) => text)).size).toBe(1);
    expect(asked.map(({ headers }) => headers.get('x-headroom-cache')).slice(1)).toEqual(Array(9).fill('hit'));
    expect(Object(other.json)).toEqual({ ...Object(asked[0]?.json), id: 'b' });
  });

  test('the answer names model, version and id, and every output in the order of the model', async () => {
    const { json } = await infer('add', { id: 'forty-two', inputs: pair([1, 2, 3], [10, 20, 30]) });
    expect(json).toEqual({
      model_name: 'add',
      model_version: '1',
      id: 'forty-two',
      outputs: [
        { name: 'sum', datatype: 'FP32', shape: [1, 3], data: [11, 22, 33] },
        { name: 'difference', datatype: 'FP32', shape: [1, 3], data: [-9, -18, -27] },
      ],
    });
  });

  test('outputs come in the order in which they are asked for', async () => {
    const { json } = await infer('add', {
      inputs: pair([1, 2, 3], [1, 1, 1]),
      outputs: [{ name: 'difference' }, { name: 'sum' }],
    });
    expect(Object(json).outputs.map(({ name }: { name: string }) => name)).toEqual(['difference', 'sum']);
  });

  test('two hundred different requests at once each get their own answer', async () => {
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, i) => infer('add', { inputs: pair([i, i, i], [1, 2, 3]) })),
    );
    const sums = answers.map(({ json }) => Object(json).outputs[0].data);
    expect(sums).toEqual(answers.map((_, i) => [i + 1, i + 2, i + 3]));
  });

  test.each([
    [
      'rows that mix',
      'transpose',
      [
        [
          [1, 2],
          [1, 2],
        ],
        [
          [1, 2, 3, 4],
          [1, 3, 2, 4],
        ],
      ],
    ],
    [
      'rows that depend on each other',
      'center',
      [
        [
          [1, 2, 3, 4],
          [0, 0, 0, 0],
        ],
      ],
    ],
  ])('a model with %s is never batched', async (_, model, cases) => {
    // GIVEN requests at the same time, each with the answer it has alone
    const width = model === 'center' ? 4 : 2;
    const asked = Array.from({ length: 20 }, () => cases).flat();
    const answers = await Promise.all(
      asked.map(([data]) => infer(model, { inputs: [fp32('x', [(data?.length ?? 0) / width, width], data)] })),
    );
    // THEN every one gets it
    expect(answers.map(({ json }) => Object(json).outputs[0].data)).toEqual(asked.map(([, wanted]) => wanted));
  });

  test('an input that is no row is used by its own request only', async () => {
    const answers = await Promise.all(
      [2, 3, 4].map((factor) =>
        infer('scale', {
          inputs: [fp32('x', [1, 2], [1, 10]), { name: 'factor', shape: [], datatype: 'FP32', data: [factor] }],
        }),
      ),
    );
    expect(answers.map(({ json }) => Object(json).outputs[0].data)).toEqual([
      [2, 20],
      [3, 30],
      [4, 40],
    ]);
  });

  test('requests whose rows have other lengths are answered side by side', async () => {
    const lengths = [1, 2, 3, 1, 2, 3];
    const answers = await Promise.all(
      lengths.map((length) => infer('total', { inputs: [fp32('x', [1, length], new Array(length).fill(1))] })),
    );
    expect(answers.map(({ json }) => Object(json).outputs[0].data)).toEqual(lengths.map((length) => [length]));
  });

  test('integers of 64 bits are exact in both directions', async () => {
    const { text } = await identity({ INT64: '[9007199254740993,-9223372036854775808]' });
    expect(text).toContain('[9007199254740993,-9223372036854775808]');
  });

  test('unsigned integers of 64 bits are exact in both directions', async () => {
    const { text } = await identity({ UINT64: '[18446744073709551615,1]' });
    expect(text).toContain('[18446744073709551615,1]');
  });

  test('NaN and the infinities come as strings in JSON, which has no words for them', async () => {
    const { text } = await identity({ FP64: '["NaN","-Infinity"]' });
    expect(text).toContain('["NaN","-Infinity"]');
  });

  test('text comes back byte for byte', async () => {
    const { text } = await identity({ BYTES: '["Grüße 🚀",""]' });
    expect(text).toContain('["Grüße 🚀",""]');
  });

  test('binary tensors go in and come out', async () => {
    // GIVEN a JSON header and two tensors behind it
    const binary = (name: string) => ({ name, shape: [1, 3], datatype: 'FP32', parameters: { binary_data_size: 12 } });
    const header = Buffer.from(
      JSON.stringify({
        inputs: [binary('a'), binary('b')],
        outputs: [{ name: 'sum', parameters: { binary_data: true } }],
      }),
    );
    const floats = (values: number[]) => Buffer.from(Float32Array.from(values).buffer);
    const body = Buffer.concat([header, floats([1, 2, 3]), floats([0.5, 0.5, 0.5])]);
    // WHEN they are sent
    const response = await fetch(`${service.url}/v2/models/add/infer`, {
      method: 'POST',
      headers: {
        'inference-header-content-length': String(header.length),
        'content-type': 'application/octet-stream',
        'x-request-timeout-ms': '60000',
      },
      body,
    });
    // THEN the answer has its JSON first, of the length its header says, and the tensor behind it
    const answer = Buffer.from(await response.arrayBuffer());
    const length = Number(response.headers.get('inference-header-content-length'));
    expect(JSON.parse(answer.subarray(0, length).toString()).outputs[0].parameters).toEqual({ binary_data_size: 12 });
    expect([...new Float32Array(Uint8Array.from(answer.subarray(length)).buffer)]).toEqual([1.5, 2.5, 3.5]);
  });

  test.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
  ])('a body compressed by %s is understood', async (encoding, compress) => {
    const body = compress(JSON.stringify({ inputs: pair([1, 2, 3], [1, 1, 1]) }));
    const { status, json } = await post(`${service.url}/v2/models/add/infer`, body, { 'content-encoding': encoding });
    expect([status, Object(json).outputs[0].data]).toEqual([200, [2, 3, 4]]);
  });

  test('a request of ten thousand rows is answered whole and in order', async () => {
    const rows = 10_000;
    const a = Array.from({ length: 3 * rows }, (_, i) => i);
    const { json } = await infer('add', {
      inputs: [fp32('a', [rows, 3], a), fp32('b', [rows, 3], new Array(3 * rows).fill(1))],
      outputs: [{ name: 'sum' }],
    });
    expect(Object(json).outputs[0].data).toEqual(a.map((value) => value + 1));
  });

  test('a request of no rows has an answer of no rows', async () => {
    const { json } = await infer('add', { inputs: [fp32('a', [0, 3], []), fp32('b', [0, 3], [])] });
    expect(Object(json).outputs[0]).toEqual({ name: 'sum', datatype: 'FP32', shape: [0, 3], data: [] });
  });

  test('a second equal request is answered from the cache', async () => {
    // GIVEN a service that has not learned yet that most requests here are asked once
    const fresh = await startService(['--models', folder.path]);
    const ask = () => post(`${fresh.url}/v2/models/add/infer`, { inputs: pair([7, 7, 7], [1, 1, 1]) });
    // WHEN it is asked the same twice
    const [first, second] = [await ask(), await ask()];
    await fresh.stop();
    // THEN the second answer is the first, from the cache
    expect([first, second].map(({ headers }) => headers.get('x-headroom-cache'))).toEqual(['miss', 'hit']);
    expect(second.json).toEqual(first.json);
  });

  test("the caller's request id comes back", async () => {
    const { headers } = await send(`${service.url}/v2`, { headers: { 'x-request-id': 'abc-123' } });
    expect(headers.get('x-request-id')).toBe('abc-123');
  });

  test('metadata tells the tensors, the versions and the digest of the artifact', async () => {
    const { json } = await send(`${service.url}/v2/models/add`);
    expect(json).toMatchObject({
      name: 'add',
      versions: ['1'],
      platform: 'onnx_onnxv1',
      inputs: [{ name: 'a', datatype: 'FP32', shape: [-1, 3] }, { name: 'b' }],
      parameters: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
  });
});

/** A request to the model that gives back a tensor of every type, with some elements as JSON text. */
function identityRequest(elements: Readonly<Record<string, string>>): string {
  const types = [
    'BOOL',
    'UINT8',
    'UINT16',
    'UINT32',
    'UINT64',
    'INT8',
    'INT16',
    'INT32',
    'INT64',
    'FP32',
    'FP64',
    'BYTES',
  ];
  const defaults: Record<string, string> = { BOOL: '[true,false]', BYTES: '["a","b"]' };
  const inputs = types.map((type) => {
    const data = elements[type] ?? defaults[type] ?? '[1,2]';
    return `{"name":"in_${type}","shape":[1,2],"datatype":"${type}","data":${data}}`;
  });
  return `{"inputs":[${inputs}]}`;
}
