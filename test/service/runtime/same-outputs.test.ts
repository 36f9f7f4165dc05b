import { describe, expect, test } from '@jest/globals';
import { isSameOutput } from '../../../service/runtime/same-outputs';
import type { DataType, Tensor, TensorData } from '../../../service/tensor';

function tensor(datatype: DataType, data: TensorData, shape: readonly number[] = [data.length]): Tensor {
  return { datatype, shape, data };
}

describe('isSameOutput', () => {
  test('lets floating-point numbers differ by rounding, measured against the largest', () => {
    const a = tensor('FP32', Float32Array.of(1, 1000));
    expect(isSameOutput(a, tensor('FP32', Float32Array.of(1.00001, 1000.01)))).toBe(true);
    expect(isSameOutput(a, tensor('FP32', Float32Array.of(1, 1001)))).toBe(false);
    expect(isSameOutput(a, tensor('FP32', Float32Array.of(2, 1000)))).toBe(false);
  });

  test('takes not-a-number and infinities for equal to themselves alone', () => {
    const special = tensor('FP64', Float64Array.of(Number.NaN, Number.POSITIVE_INFINITY, 1));
    expect(isSameOutput(special, special)).toBe(true);
    expect(isSameOutput(special, tensor('FP64', Float64Array.of(0, Number.POSITIVE_INFINITY, 1)))).toBe(false);
    expect(isSameOutput(special, tensor('FP64', Float64Array.of(Number.NaN, Number.NEGATIVE_INFINITY, 1)))).toBe(false);
  });

  test('compares half-precision numbers by value, not by bits', () => {
    // 1 and its neighbour differ by a thousandth, 1 and 1.5 by a half
    const one = tensor('FP16', Uint16Array.of(0x3c00));
    expect(isSameOutput(one, tensor('FP16', Uint16Array.of(0x3c01)))).toBe(true);
    expect(isSameOutput(one, tensor('FP16', Uint16Array.of(0x3e00)))).toBe(false);
    expect(isSameOutput(one, tensor('FP16', Uint16Array.of(0xbc00)))).toBe(false);
    // infinity and the largest number
    expect(isSameOutput(tensor('FP16', Uint16Array.of(0x7c00)), tensor('FP16', Uint16Array.of(0x7bff)))).toBe(false);
    expect(isSameOutput(tensor('FP16', Uint16Array.of(0x7e00)), tensor('FP16', Uint16Array.of(0x7e00)))).toBe(true);
  });

  test('wants everything else to be exactly equal', () => {
    expect(isSameOutput(tensor('INT64', BigInt64Array.of(5n)), tensor('INT64', BigInt64Array.of(5n)))).toBe(true);
    expect(isSameOutput(tensor('INT64', BigInt64Array.of(5n)), tensor('INT64', BigInt64Array.of(6n)))).toBe(false);
    expect(isSameOutput(tensor('BYTES', ['a']), tensor('BYTES', ['b']))).toBe(false);
  });

  test('compares shape and datatype too', () => {
    const data = Float32Array.of(1, 2);
    expect(isSameOutput(tensor('FP32', data, [2, 1]), tensor('FP32', data, [1, 2]))).toBe(false);
    expect(isSameOutput(tensor('INT32', Int32Array.of(1)), tensor('UINT32', Uint32Array.of(1)))).toBe(false);
  });
});
