import { describe, expect, test } from '@jest/globals';
import { classify } from '../../../service/protocol/classification';
import type { Tensor } from '../../../service/tensor';

const scores: Tensor = { datatype: 'FP32', shape: [2, 3], data: Float32Array.of(0.1, 0.7, 0.2, 3, 1, 2) };

describe('classification', () => {
  test('gives the best values of each row with their index, best first', () => {
    expect(classify(scores, 2)).toEqual({ datatype: 'BYTES', shape: [2, 2], data: ['0.7:1', '0.2:2', '3:0', '2:2'] });
  });

  test('writes a single-precision value with as few digits as tell it apart', () => {
    const tensor: Tensor = { datatype: 'FP32', shape: [3], data: Float32Array.of(0.1 + 2 ** -27, 0.1, 3e-20) };
    expect(classify(tensor, 3).data).toEqual(['0.10000001:0', '0.1:1', '3e-20:2']);
  });

  test('adds the labels it knows', () => {
    expect(classify(scores, 3, ['cat', 'dog']).data.slice(0, 3)).toEqual(['0.7:1:dog', '0.2:2', '0.1:0:cat']);
  });

  test('gives no more than there are classes', () => {
    expect(classify(scores, 10).shape).toEqual([2, 3]);
  });

  test('takes a tensor of one dimension as one row', () => {
    const tensor: Tensor = { datatype: 'INT8', shape: [3], data: Int8Array.of(-1, 5, 2) };
    expect(classify(tensor, 1)).toEqual({ datatype: 'BYTES', shape: [1], data: ['5:1'] });
  });

  test('takes everything behind the first dimension as one row', () => {
    const tensor: Tensor = { datatype: 'UINT8', shape: [1, 2, 2], data: Uint8Array.of(1, 2, 9, 4) };
    expect(classify(tensor, 1)).toEqual({ datatype: 'BYTES', shape: [1, 1], data: ['9:2'] });
  });

  test('gives equal values in the order of their index, and NaN last', () => {
    const tensor: Tensor = {
      datatype: 'FP64',
      shape: [5],
      data: Float64Array.of(Number.NaN, 1, -Infinity, 1, Number.NaN),
    };
    expect(classify(tensor, 5).data).toEqual(['1:1', '1:3', '-Infinity:2', 'NaN:0', 'NaN:4']);
  });

  test('orders 64-bit integers exactly', () => {
    const tensor: Tensor = {
      datatype: 'INT64',
      shape: [2],
      data: BigInt64Array.of(9007199254740992n, 9007199254740993n),
    };
    expect(classify(tensor, 1).data).toEqual(['9007199254740993:1']);
  });

  test('reads half-precision floats', () => {
    // 1, -2, 0.33325 (0x3555), +infinity, NaN, the smallest subnormal
    const data = Uint16Array.of(0x3c00, 0xc000, 0x3555, 0x7c00, 0x7e00, 0x0001);
    expect(classify({ datatype: 'FP16', shape: [6], data }, 6).data).toEqual([
      'Infinity:3',
      '1:0',
      '0.33325:2',
      '5.9605e-8:5',
      '-2:1',
      'NaN:4',
    ]);
  });

  test('gives nothing for no rows', () => {
    const tensor: Tensor = { datatype: 'FP32', shape: [0, 3], data: new Float32Array(0) };
    expect(classify(tensor, 2)).toEqual({ datatype: 'BYTES', shape: [0, 0], data: [] });
  });
});
