import { badRequest } from '../errors';
import type { NumericData, Tensor } from '../tensor';

/** Up to this many numbers, adding them to a string one by one costs less than setting up a join or `JSON.stringify`. */
const MAX_CONCATENATED = 4;

/** A string as JSON. Names and ids are mostly plain ASCII, which quotes are enough for. */
export function jsonString(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code > 0x7e || code === 0x22 || code === 0x5c) return JSON.stringify(text);
  }
  return `"${text}"`;
}

/**
 * Elements of a tensor as a flat JSON array. Every finite number reads back as the same value, the sign of zero and
 * integers beyond 2^53 included; `NaN`, `Infinity` and `-Infinity`, for which JSON has no number, are strings.
 *
 * @param name of the output, for the error
 * @throws ServiceError 400 for FP16, which the protocol carries as binary data only
 */
export function jsonData({ datatype, data }: Tensor, name: string): string {
  if (datatype === 'FP16') {
    throw badRequest(`output '${name}' is FP16, which JSON cannot carry, expected binary_data true`);
  }
  if (Array.isArray(data)) return JSON.stringify(data);
  if (datatype === 'BOOL') return `[${Array.from(data, Boolean).join(',')}]`;
  if (data instanceof Float32Array || data instanceof Float64Array) return floatsText(data);
  return data.length <= MAX_CONCATENATED ? concatenated(data) : `[${data.join(',')}]`;
}

function floatsText(data: Float32Array | Float64Array): string {
  if (data.length <= MAX_CONCATENATED) return concatenated(data);
  const values: number[] = [];
  for (const value of data) {
    // JSON.stringify turns what is not finite into null, and drops the sign of zero.
    if (!Number.isFinite(value) || Object.is(value, -0)) return concatenated(data);
    values.push(value);
  }
  return JSON.stringify(values);
}

function concatenated(data: NumericData): string {
  let text = '[';
  let separator = '';
  for (const value of data) {
    text += separator + numberText(value);
    separator = ',';
  }
  return `${text}]`;
}

function numberText(value: number | bigint): string {
  if (typeof value === 'bigint') return String(value);
  if (!Number.isFinite(value)) return `"${value}"`;
  return Object.is(value, -0) ? '-0' : String(value);
}
