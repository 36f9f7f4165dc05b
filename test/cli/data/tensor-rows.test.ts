import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { tensorRows } from '../../../cli/data/tensor-rows';
import { numberOfHalf } from '../../../service/float16';
import { type DataType, INTEGER_RANGES, isDataType } from '../../../service/tensor';

/** The element of a table of one cell, for a model with one input of one value. */
function element(datatype: DataType, cell: unknown): unknown {
  const signature = { inputs: [{ name: 'x', datatype, shape: ['batch', 1] }], outputs: [] };
  const [[tensor] = []] = tensorRows([{ x: cell }], { file: 'a.csv', columns: ['x'] }, signature);
  return tensor?.data[0];
}

describe('a value of a table that an input cannot hold as it stands is refused', () => {
  test.each<[DataType, unknown, string]>([
    ['INT64', 1.5, "a.csv: row 1: 'x' holds 1.5, expected whole numbers from -9223372036854775808 to 922337203685477"],
    ['INT64', '1.5', `'x' holds "1.5"`],
    ['INT64', '9223372036854775808', `'x' holds "9223372036854775808"`],
    ['INT64', 2 ** 53, "'x' holds 9007199254740992, expected"],
    ['INT64', 2 ** 53, 'in JSON, those beyond 9007199254740991 as texts'],
    ['INT64', '', `'x' holds ""`],
    ['INT64', undefined, "'x' holds nothing"],
    ['INT64', null, "'x' holds null"],
    ['UINT64', -1, "'x' holds -1, expected whole numbers from 0 to 18446744073709551615"],
    ['INT8', 300, "'x' holds 300, expected whole numbers from -128 to 127"],
    ['INT32', '1e99', `'x' holds "1e99"`],
    ['INT32', '0e999999999', `'x' holds "0e999999999"`],
    ['BOOL', 2, "'x' holds 2, expected true or false, 1 or 0"],
    ['FP32', 1e39, "'x' holds 1e+39, expected numbers that FP32 can hold"],
    ['FP16', 70_000, "'x' holds 70000, expected numbers that FP16 can hold"],
    ['FP64', '1e400', `'x' holds "1e400"`],
    ['FP64', ' ', `'x' holds " "`],
    ['FP64', Number.NaN, "'x' holds NaN"],
    ['BYTES', null, "'x' holds null, expected texts"],
  ])('%s %p', (datatype, cell, message) => {
    expect(() => element(datatype, cell)).toThrow(message);
  });
});

describe('a value of a table that an input can hold is in it', () => {
  test.each<[DataType, unknown, unknown]>([
    ['INT64', '9007199254740993', 9_007_199_254_740_993n],
    ['INT64', 9_007_199_254_740_993n, 9_007_199_254_740_993n],
    ['INT64', ' +41.0', 41n],
    ['UINT64', '1.8e19', 18_000_000_000_000_000_000n],
    ['INT32', '-0.5e1', -5],
    ['UINT8', true, 1],
    ['BOOL', 'False', 0],
    ['FP32', '0.5', 0.5],
    ['FP64', 2n ** 60n, 2 ** 60],
    ['BYTES', 41, '41'],
  ])('%s %p', (datatype, cell, value) => {
    expect(element(datatype, cell)).toBe(value);
  });

  test('of FP16 as its bits', () => {
    expect(numberOfHalf(Number(element('FP16', '1.5')))).toBe(1.5);
  });

  test('whatever the integer type and the value, as number or as text', () => {
    const types = Object.keys(INTEGER_RANGES).filter(isDataType);
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }), (datatype, value) => {
        const [min, max] = INTEGER_RANGES[datatype] ?? [0n, 0n];
        for (const cell of [value, String(value)]) {
          if (value < min || value > max) expect(() => element(datatype, cell)).toThrow('expected whole numbers');
          else expect(String(element(datatype, cell))).toBe(String(value));
        }
      }),
    );
  });
});
