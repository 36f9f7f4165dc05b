import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { agreement, brokenRows } from '../../../cli/optimize/agreement';
import type { Tensor } from '../../../service/tensor';

const tensor = (data: number[], width = 1): Tensor => ({
  datatype: 'FP32',
  shape: width === 1 ? [data.length] : [data.length / width, width],
  data: Float32Array.from(data),
});
/** Whole numbers, and now and then one that is not finite. */
const numbers = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: -1000, max: 1000 }) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY) },
);
const values = fc.array(numbers, { minLength: 1, maxLength: 20 });
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
      fc.property(pairs, fc.constantFrom(undefined, 0), fc.boolean(), ([a, b], labelled, isWide) => {
        const width = isWide ? a.length : 1;
        const share = agreement([tensor(a, width)], [tensor(b, width)], labelled);
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

  test('is that of the other numbers where both have one at the same place that is not finite', () => {
    const original = [1, 2, 3, 4, Number.NaN];
    const share = agreement([tensor(original)], [tensor([1.1, 2.1, 3.1, 4.1, Number.NaN])], undefined);
    expect(share).toBeCloseTo((4 * 0.992 + 1) / 5, 5);
    const row = agreement([tensor([3, Number.NaN, 4], 3)], [tensor([4, Number.NaN, 3], 3)], undefined);
    expect(row).toBeCloseTo(0.96, 5);
  });

  test.each([
    ['scores of labels', 0, [0.9, 0.1]],
    ['scores of labels, all of them', 0, [0.9, 0.1]],
    ['an embedding', undefined, [0.9, 0.1]],
  ] as const)('is 0 for %s that are no numbers', (title, labelled, row) => {
    const candidate = title.endsWith('all of them') ? [Number.NaN, Number.NaN] : [row[0], Number.NaN];
    expect(agreement([tensor([...row], 2)], [tensor(candidate, 2)], labelled)).toBe(0);
  });

  test('is 0 where the shape differs', () => {
    expect(agreement([tensor([1, 2])], [tensor([1])], undefined)).toBe(0);
  });
});

describe('rows that a candidate breaks', () => {
  test('are those with a number that is not finite where the original has a finite one', () => {
    // GIVEN rows of which the first is fine, the second is broken, and the third was broken before
    const original = tensor([1, 2, 3, 4, Number.NaN, 6], 2);
    const candidate = tensor([1, 2, 3, Number.POSITIVE_INFINITY, Number.NaN, 6], 2);
    expect(brokenRows([original], [candidate])).toBe(1);
  });

  test('are none in what is equal', () => {
    fc.assert(fc.property(tensors, (output) => expect(brokenRows([output], [output])).toBe(0)));
  });
});
