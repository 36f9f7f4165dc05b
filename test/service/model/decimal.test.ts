import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { numberOfHalf, roundToHalf } from '../../../service/float16';
import { jsonOfNumber, shortestFloat16, shortestFloat32 } from '../../../service/model/decimal';

/** The shortest decimal by trying every length, as a number. */
function naive(value: number, round: (candidate: number) => number): number {
  for (let digits = 1; digits < 17; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (round(candidate) === value) return candidate;
  }
  return value;
}

describe('the shortest decimal of a float32', () => {
  test.each([
    [0.8312, 0.8312],
    [1 / 3, 0.33333334],
    [16777216, 16777216],
    [9000640000, 9000640000],
    [1e-7, 1e-7],
    [1e30, 1e30],
    [-0.1, -0.1],
    [3.4028234663852886e38, 3.4028235e38],
    [0, 0],
    [-0, -0],
  ])('of %p is %p', (value, expected) => {
    expect(shortestFloat32(Math.fround(value))).toBe(expected);
  });

  test('has no more digits than needed, and gives the same float32 again', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        // GIVEN
        const isNormal = value === 0 || Math.abs(value) >= 2 ** -126;

        // WHEN
        const decimal = shortestFloat32(value);

        // THEN
        expect(Math.fround(Number(jsonOfNumber(decimal)))).toBe(value);
        if (isNormal) expect(String(decimal).length).toBeLessThanOrEqual(String(naive(value, Math.fround)).length);
      }),
      { numRuns: 5000 },
    );
  });

  test('is the decimal that a person wrote, up to six digits', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -999_999, max: 999_999 }),
        fc.integer({ min: -30, max: 30 }),
        (digits, exponent) => {
          const written = Number(`${digits}e${exponent}`);
          expect(shortestFloat32(Math.fround(written))).toBe(written);
        },
      ),
    );
  });
});

test('the shortest decimal of every finite float16 gives it again and is as short as can be', () => {
  const wrong = [];
  for (let bits = 0; bits < 0x10000; bits++) {
    const value = numberOfHalf(bits);
    if (!Number.isFinite(value)) continue;
    const decimal = shortestFloat16(value);
    const isNormal = Math.abs(value) >= 2 ** -14;
    const tooLong = String(decimal).length > String(naive(value, roundToHalf)).length;
    if (!Object.is(roundToHalf(decimal), value) || (isNormal && tooLong)) wrong.push({ bits, value, decimal });
  }
  expect(wrong).toEqual([]);
});

test('numbers that JSON lacks are strings, and negative zero keeps its sign', () => {
  expect([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0, 1e-7, 1e21].map(jsonOfNumber)).toEqual(
    ['"NaN"', '"Infinity"', '"-Infinity"', '-0', '0', '1e-7', '1e+21'],
  );
});
