/**
 * Half precision (IEEE 754 binary16) as 16 bits in an integer, the way FP16 tensors hold it.
 * Node.js 20 has no Float16Array.
 */

import type { DataType, NumericData } from './tensor';

const float32 = new Float32Array(1);
const float32Bits = new Uint32Array(float32.buffer);

/** The nearest half-precision number, ties to even; NaN stays NaN, what is too large becomes infinite. */
export function halfOf(value: number): number {
  float32[0] = value;
  const bits = float32Bits[0] ?? 0;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  // 65520 and above round to infinity.
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  // Below 2^-14 the exponent is fixed: count in units of the least subnormal, 2^-24.
  if (magnitude < 0x38800000) return sign | roundToEven(Math.abs(float32[0] ?? 0) * 2 ** 24);
  // Rebias the exponent from 127 to 15 and round away 13 bits of the mantissa; a carry runs into the exponent.
  const half = magnitude - (112 << 23);
  return sign | ((half + 0xfff + ((half >>> 13) & 1)) >>> 13);
}

/** The number that half-precision bits stand for. */
export function numberOfHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const mantissa = bits & 0x3ff;
  if (exponent === 0x1f) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  return sign * (mantissa + 1024) * 2 ** (exponent - 25);
}

/** The elements of a tensor by their values. */
export function valuesOf(datatype: DataType, data: NumericData): (number | bigint)[] {
  const values: (number | bigint)[] = [...data];
  return datatype === 'FP16' ? values.map((bits) => numberOfHalf(Number(bits))) : values;
}

/** The nearest number that half precision holds. */
export function roundToHalf(value: number): number {
  return numberOfHalf(halfOf(value));
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest === 0.5) return floor + (floor & 1);
  return rest < 0.5 ? floor : floor + 1;
}
