import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { agreement } from '../../../cli/optimize/agreement';
import type { Tensor } from '../../../service/tensor';

const tensor = (data: number[], width = 1): Tensor => ({
  datatype: 'FP32',
  shape: width === 1 ? [data.length] : [data.length / width, width],
  data: Float32Array.from(data),
});
const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 20 });
const tensors = fc.oneof(
  values.map((list) => tensor(list)),
  values.map((list) => tensor([...list, ...list, ...list], 3)),
);

describe('the agreement of two models', () => {
  test('is 1 for equal outputs', () => {
    fc.assert(
      fc.property(tensors, fc.constantFrom(undefined, 0), (output, labelled) => {
        expect(agreement([output], [output], labelled)).toBeCloseTo(1, 9);
      }),
    );
  });

  test('lies between 0 and 1', () => {
    const pairs = values.chain((a) =>
      fc.tuple(fc.constant(a), fc.array(fc.double(), { minLength: a.length, maxLength: a.length })),
    );
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        const share = agreement([tensor(a)], [tensor(b)], undefined);
        expect(share).toBeGreaterThanOrEqual(0);
        expect(share).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('is the share of rows with the same label first where outputs are scores of labels', () => {
    // GIVEN two rows of three scores, of which the second has another label first
    const original = tensor([0.1, 0.7, 0.2, 0.6, 0.3, 0.1], 3);
    const candidate = tensor([0.2, 0.5, 0.3, 0.3, 0.6, 0.1], 3);
    expect(agreement([original], [candidate], 0)).toBe(0.5);
  });

  test('is that of the output that agrees least', () => {
    const good = tensor([1, 2, 3]);
    const ids: Tensor = { datatype: 'INT64', shape: [2], data: BigInt64Array.from([1n, 2n]) };
    const others: Tensor = { ...ids, data: BigInt64Array.from([1n, 3n]) };
    expect(agreement([good, ids], [good, others], undefined)).toBe(0.5);
  });

  test('of single numbers is the variance explained', () => {
    // GIVEN a candidate off by 0.1 in each row: R² = 1 − 4·0.01 / 5
    expect(agreement([tensor([1, 2, 3, 4])], [tensor([1.1, 2.1, 3.1, 4.1])], undefined)).toBeCloseTo(0.992, 5);
  });

  test('is 0 where the shape differs', () => {
    expect(agreement([tensor([1, 2])], [tensor([1])], undefined)).toBe(0);
  });
});
