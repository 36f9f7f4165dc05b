import { describe, expect, test } from '@jest/globals';
import { syntheticInputs, variantOf } from '../../../service/runtime/synthetic-rows';
import { DATA_TYPES, type DataType, isDataType, type TensorSpec } from '../../../service/tensor';

const ALL = Object.keys(DATA_TYPES).filter(isDataType);

function specsOf(shape: readonly (number | string)[]): TensorSpec[] {
  return ALL.map((datatype) => ({ name: datatype, datatype, shape }));
}

describe('syntheticInputs', () => {
  test('have the declared datatype and shape, with the sizes asked for in place of symbolic dimensions', () => {
    for (const [i, tensor] of syntheticInputs(specsOf(['N', 3, 'length']), 2, 5, 1).entries()) {
      expect([tensor.datatype, tensor.shape, tensor.data.length]).toEqual([ALL[i], [2, 3, 5], 30]);
    }
  });

  test('are the same for the same seed and differ for another', () => {
    const [first, again, other] = [1, 1, 2].map((seed) => syntheticInputs(specsOf([20]), 1, 1, seed));
    expect(again).toEqual(first);
    for (const [i, tensor] of (other ?? []).entries()) expect(tensor).not.toEqual(first?.[i]);
  });

  test('hold only small integers, which are in the range of most tables', () => {
    const [indices] = syntheticInputs([{ name: 'i', datatype: 'INT64', shape: [100] }], 1, 1, 3);
    expect(new Set([...(indices?.data ?? [])])).toEqual(new Set([0n, 1n]));
  });
});

describe('variantOf', () => {
  test.each<[DataType, readonly (number | bigint)[], readonly (number | bigint)[]]>([
    ['FP32', [3, -1], [1.5, -0.5]],
    ['INT32', [7, -7, 0], [3, -3, 0]],
    ['INT64', [7n, -7n], [3n, -3n]],
    ['BOOL', [0, 1], [1, 0]],
    ['FP16', [0x3c00, 0xc000, 0x0000], [0x3800, 0xbc00, 0x0000]],
  ])('of %s %j is %j', (datatype, values, expected) => {
    const data = values.some((value) => typeof value === 'bigint')
      ? BigInt64Array.from(values.map(BigInt))
      : datatype === 'FP32'
        ? Float32Array.from(values.map(Number))
        : datatype === 'INT32'
          ? Int32Array.from(values.map(Number))
          : datatype === 'BOOL'
            ? Uint8Array.from(values.map(Number))
            : Uint16Array.from(values.map(Number));
    expect([...variantOf({ datatype, shape: [data.length], data }).data]).toEqual(expected);
  });

  test('leaves texts and the original as they are', () => {
    const words = { datatype: 'BYTES', shape: [1], data: ['word'] } as const;
    expect(variantOf({ ...words, data: [...words.data] }).data).toEqual(['word']);
    const data = Float32Array.of(4);
    variantOf({ datatype: 'FP32', shape: [1], data });
    expect([...data]).toEqual([4]);
  });
});
