import { describe, expect, test } from '@jest/globals';
import { halfOf, numberOfHalf } from '../../service/float16';

describe('half precision', () => {
  test.each([
    [1, 0x3c00],
    [-2, 0xc000],
    [65504, 0x7bff],
    [65519.99, 0x7bff],
    [65520, 0x7c00],
    [Number.NEGATIVE_INFINITY, 0xfc00],
    [Number.NaN, 0x7e00],
    [-0, 0x8000],
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000],
    [2 ** -25 * 1.001, 0x0001],
    [1 / 3, 0x3555],
  ])('of %p has the bits %p', (value, bits) => {
    expect(halfOf(value)).toBe(bits);
  });

  test('comes back from its number for every bit pattern that is not NaN', () => {
    const wrong = [];
    for (let bits = 0; bits < 0x10000; bits++) {
      const value = numberOfHalf(bits);
      if (!Number.isNaN(value) && halfOf(value) !== bits) wrong.push(bits);
    }
    expect(wrong).toEqual([]);
  });

  test('is the nearer neighbour, and the even one halfway between two', () => {
    const wrong = [];
    for (let bits = 0; bits < 0x7bff; bits++) {
      const low = numberOfHalf(bits);
      const middle = (low + numberOfHalf(bits + 1)) / 2;
      const even = bits % 2 === 0 ? bits : bits + 1;
      const step = numberOfHalf(bits + 1) - low;
      if (halfOf(middle) !== even) wrong.push(bits);
      if (halfOf(middle - step / 8) !== bits || halfOf(middle + step / 8) !== bits + 1) wrong.push(bits);
    }
    expect(wrong).toEqual([]);
  });
});
