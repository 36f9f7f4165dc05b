import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RowKeys } from '../../../service/cache/row-keys';
import type { Tensor, TensorSignature } from '../../../service/tensor';

const SIGNATURE: TensorSignature = {
  inputs: [
    { name: 'a', datatype: 'FP32', shape: ['batch', 'n'] },
    { name: 'b', datatype: 'FP32', shape: ['batch', 'n'] },
  ],
  outputs: [{ name: 'y', datatype: 'FP32', shape: ['batch'] }],
};
const TEXT_SIGNATURE: TensorSignature = {
  inputs: [{ name: 'text', datatype: 'BYTES', shape: ['batch', 'n'] }],
  outputs: SIGNATURE.outputs,
};

function floats(rows: number, values: readonly number[]): Tensor {
  return { datatype: 'FP32', shape: [rows, values.length / rows], data: Float32Array.from(values) };
}

function texts(rows: number, values: string[]): Tensor {
  return { datatype: 'BYTES', shape: [rows, values.length / rows], data: values };
}

function keyOf(inputs: readonly Tensor[], identity = 'm@1', outputs: readonly number[] = [0]): string | undefined {
  return new RowKeys(identity, SIGNATURE).keysOf(inputs, outputs, 1, true)[0];
}

describe('keys of rows in the prediction cache', () => {
  test('a row has the same key alone and within a larger request', () => {
    const row = fc.array(fc.float({ noNaN: true }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(fc.tuple(row, row), { minLength: 1, maxLength: 8 }), (rows) => {
        const keys = new RowKeys('m@1', SIGNATURE);
        const all = keys.keysOf(
          [
            floats(
              rows.length,
              rows.flatMap(([a]) => a),
            ),
            floats(
              rows.length,
              rows.flatMap(([, b]) => b),
            ),
          ],
          [0],
          rows.length,
          true,
        );
        expect(all).toEqual(rows.map(([a, b]) => keys.keysOf([floats(1, a), floats(1, b)], [0], 1, true)[0]));
      }),
    );
  });

  test('swapped inputs have different keys', () => {
    expect(keyOf([floats(1, [1]), floats(1, [2])])).not.toBe(keyOf([floats(1, [2]), floats(1, [1])]));
  });

  test('equal bytes of another shape have different keys', () => {
    const keys = new RowKeys('m@1', SIGNATURE);
    const whole = (shape: number[]): Tensor => ({ datatype: 'FP32', shape, data: new Float32Array(4) });
    const flat = keys.keysOf([whole([1, 4]), whole([1, 4])], [0], 1, true);
    const square = keys.keysOf([whole([1, 2, 2]), whole([1, 2, 2])], [0], 1, true);
    expect(flat).not.toEqual(square);
  });

  test('a value that moves from one input to the next changes the key', () => {
    expect(keyOf([floats(1, [1, 2]), floats(1, [3])])).not.toBe(keyOf([floats(1, [1]), floats(1, [2, 3])]));
  });

  test('another artifact digest has another key', () => {
    const inputs = [floats(1, [1]), floats(1, [2])];
    expect(keyOf(inputs, 'm@1')).not.toBe(keyOf(inputs, 'm@2'));
  });

  test('other requested outputs have another key', () => {
    const inputs = [floats(1, [1]), floats(1, [2])];
    expect(keyOf(inputs, 'm@1', [0])).not.toBe(keyOf(inputs, 'm@1', [1]));
  });

  test('negative zero and zero have different keys, because a model can tell them apart', () => {
    expect(keyOf([floats(1, [0]), floats(1, [1])])).not.toBe(keyOf([floats(1, [-0]), floats(1, [1])]));
  });

  test('strings of equal concatenation have different keys', () => {
    const keys = new RowKeys('m@1', TEXT_SIGNATURE);
    const [first] = keys.keysOf([texts(1, ['ab', 'c'])], [0], 1, true);
    const [second] = keys.keysOf([texts(1, ['a', 'bc'])], [0], 1, true);
    expect(first).not.toBe(second);
  });

  test('each string row has the key of that row alone', () => {
    const keys = new RowKeys('m@1', TEXT_SIGNATURE);
    const both = keys.keysOf([texts(2, ['ab', 'c', 'd', 'é'])], [0], 2, true);
    expect(both).toEqual([
      keys.keysOf([texts(1, ['ab', 'c'])], [0], 1, true)[0],
      keys.keysOf([texts(1, ['d', 'é'])], [0], 1, true)[0],
    ]);
  });

  test('a row larger than the scratch space keeps its key', () => {
    // GIVEN one instance that has grown its space and one that has not
    const large = [floats(1, new Array(5000).fill(1)), floats(1, [2])];
    const grown = new RowKeys('m@1', SIGNATURE);
    grown.keysOf(large, [0], 1, true);
    // THEN both give the same key
    expect(grown.keysOf(large, [0], 1, true)).toEqual(new RowKeys('m@1', SIGNATURE).keysOf(large, [0], 1, true));
  });
});
