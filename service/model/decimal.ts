import { roundToHalf } from '../float16';

/** 10^k is exact in double precision up to here, so one multiplication or division by it rounds correctly. */
const MAX_EXACT_POWER = 22;
const POWERS_OF_TEN = Array.from({ length: MAX_EXACT_POWER + 1 }, (_, k) => Number(`1e${k}`));

/** A decimal of so many digits survives the way through float32 and back; so many tell all float32 apart. */
const FLOAT32_DIGITS = { safe: 6, enough: 9 } as const;
const FLOAT16_DIGITS = { safe: 3, enough: 5 } as const;

/**
 * The double that prints as the shortest decimal from which rounding to single precision gives `value` again: 0.8312
 * where the element itself prints as 0.8312000036239624. For numbers below the normal range some digits may be spare.
 */
export function shortestFloat32(value: number): number {
  return shortest(value, Math.fround, FLOAT32_DIGITS);
}

/** As {@link shortestFloat32}, for half precision. */
export function shortestFloat16(value: number): number {
  return shortest(value, roundToHalf, FLOAT16_DIGITS);
}

/**
 * A number as JSON; what JSON has no number for is one of the strings "NaN", "Infinity" and "-Infinity", as in the
 * tensors of the inference protocol.
 */
export function jsonOfNumber(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value);
  return `"${value}"`;
}

/**
 * Rounds to ever more significant digits until nothing is lost. Any decimal of `safe` digits is found again from the
 * element nearest to it, so the search starts there: trailing zeros are never printed.
 */
function shortest(
  value: number,
  round: (candidate: number) => number,
  digits: { readonly safe: number; readonly enough: number },
): number {
  if (value === 0 || !Number.isFinite(value)) return value;
  const magnitude = Math.abs(value);
  const exponent = Math.floor(Math.log10(magnitude));
  for (let count = digits.safe; count < digits.enough; count++) {
    const candidate = roundAtPower(magnitude, count - 1 - exponent, count);
    if (round(candidate) === magnitude) return value < 0 ? -candidate : candidate;
  }
  return Number(value.toPrecision(digits.enough));
}

/** `value` rounded to a multiple of 10^-power, which leaves `digits` significant digits. */
function roundAtPower(value: number, power: number, digits: number): number {
  const scale = POWERS_OF_TEN[Math.abs(power)];
  if (scale === undefined) return Number(value.toPrecision(digits));
  return power >= 0 ? Math.round(value * scale) / scale : Math.round(value / scale) * scale;
}
