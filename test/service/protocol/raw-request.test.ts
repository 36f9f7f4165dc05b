import { describe, expect, test } from '@jest/globals';
import { parseInferRequest } from '../../../service/protocol/request';
import type { DataType } from '../../../service/tensor';
import { refusal, signatureOf } from './bodies';

const raw = (body: Uint8Array, datatype: DataType, shape: readonly (number | string)[]) =>
  parseInferRequest(Buffer.from(body), 0, signatureOf(datatype, shape));

describe('a body without JSON', () => {
  test('is the only input as a batch of one, answered in binary', () => {
    const body = new Uint8Array(Float32Array.of(1, 2, 3).buffer);
    expect(raw(body, 'FP32', ['batch', 3])).toMatchObject({
      inputs: [{ datatype: 'FP32', shape: [1, 3], data: Float32Array.of(1, 2, 3) }],
      outputs: [{ index: 0, binary: true }],
    });
  });

  test('tells the size of one open dimension behind the batch', () => {
    expect(raw(new Uint8Array(12), 'UINT16', ['batch', 2, 'length']).inputs[0]?.shape).toEqual([1, 2, 3]);
  });

  test('may be empty where a dimension is', () => {
    expect(raw(new Uint8Array(0), 'FP32', ['batch', 'length']).inputs[0]?.shape).toEqual([1, 0]);
  });

  test('is one element of BYTES', () => {
    expect(raw(Buffer.from('grüße'), 'BYTES', ['batch', 1]).inputs).toEqual([
      { datatype: 'BYTES', shape: [1, 1], data: ['grüße'] },
    ]);
  });

  test.each([
    [
      'has too many bytes',
      16,
      'FP32',
      ['batch', 3],
      "input 'x' has 4 elements in the body, expected shape [batch, 3] for one row",
    ],
    [
      'has too few bytes',
      8,
      'FP32',
      ['batch', 3],
      "input 'x' has 2 elements in the body, expected shape [batch, 3] for one row",
    ],
    [
      'ends within an element',
      13,
      'FP32',
      ['batch', 3],
      "input 'x' has 3.25 elements in the body, expected shape [batch, 3] for one row",
    ],
    [
      'ends within a row',
      12,
      'FP32',
      ['batch', 2, 'n'],
      "input 'x' has 3 elements in the body, expected shape [batch, 2, n] for one row",
    ],
    [
      'ends within an element of an open dimension',
      13,
      'FP32',
      ['batch', 'n'],
      "input 'x' has 3.25 elements in the body, expected shape [batch, n] for one row",
    ],
    [
      'fills a model of no elements',
      4,
      'FP32',
      ['batch', 0, 'n'],
      "input 'x' has 1 element in the body, expected shape [batch, 0, n] for one row",
    ],
    [
      'leaves two dimensions open',
      4,
      'FP32',
      ['batch', 'h', 'w'],
      "input 'x' has several dimensions of open size in [batch, h, w], which a body without JSON cannot tell",
    ],
    ['contradicts a name', 8, 'FP32', ['n', 'n'], "input 'x' has size 2 in dimension 1, but 'n' is 1 in input 'x'"],
    [
      'fills a model of many strings',
      4,
      'BYTES',
      ['batch', 2],
      "input 'x' has 1 element in the body, expected shape [batch, 2] for one row",
    ],
  ] as const)('is refused where it %s', (_, bytes, datatype, shape, sentence) => {
    expect(refusal(() => raw(new Uint8Array(bytes).fill(65), datatype, shape)).message).toBe(sentence);
  });

  test('is refused by a model of several inputs', () => {
    const input = { name: 'x', datatype: 'UINT8' as const, shape: [1] };
    const signature = { inputs: [input, { ...input, name: 'z' }], outputs: [] };
    expect(refusal(() => parseInferRequest(Buffer.alloc(2), 0, signature)).message).toBe(
      'a body without JSON is a single input, but the model has 2',
    );
  });
});
