import { valuesOf } from '../float16';
import type { Tensor, TensorData } from '../tensor';

/** Difference that another order of summing may make, as a share of the largest magnitude in the tensor. */
const FLOAT_TOLERANCE = 1e-4;
const HALF_TOLERANCE = 1e-2;

/**
 * Whether two tensors are equal but for rounding: floating-point numbers may differ by a small share of the largest of
 * the tensor, everything else not at all. Not-a-number equals itself, and so do infinities.
 */
export function isSameOutput(a: Tensor, b: Tensor): boolean {
  if (a.datatype !== b.datatype || a.shape.join() !== b.shape.join()) return false;
  if (a.datatype === 'FP16') return isClose(halves(a), halves(b), HALF_TOLERANCE);
  if (a.datatype === 'FP32' || a.datatype === 'FP64') return isClose(a.data, b.data, FLOAT_TOLERANCE);
  return isEqual(a.data, b.data);
}

function isEqual(a: TensorData, b: TensorData): boolean {
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}

function isClose(a: ArrayLike<unknown>, b: ArrayLike<unknown>, tolerance: number): boolean {
  let largest = 0;
  for (let i = 0; i < a.length; i += 1) {
    const magnitude = Math.abs(Number(a[i]));
    if (Number.isFinite(magnitude)) largest = Math.max(largest, magnitude);
  }
  for (let i = 0; i < a.length; i += 1) {
    const x = Number(a[i]);
    const y = Number(b[i]);
    if (!Object.is(x, y) && !(Math.abs(x - y) <= tolerance * largest) && x !== y) return false;
  }
  return true;
}

function halves({ datatype, data }: Tensor): readonly unknown[] {
  return Array.isArray(data) ? data : valuesOf(datatype, data);
}
