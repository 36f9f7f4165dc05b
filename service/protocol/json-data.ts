import { counted } from '../../lib/spec/counted';
import { badRequest, type ServiceError } from '../errors';
import { elementCount, INTEGER_RANGES, type TensorData, type TensorSpec } from '../tensor';
import { described } from './describe';
import { type ExactIntegers, exactInteger } from './exact-integers';
import { shapeText } from './shape';
import { checkText } from './text';

type Rows = readonly (readonly unknown[])[];
type SmallIntegers = Int8Array | Int16Array | Int32Array | Uint8Array | Uint16Array | Uint32Array;

/** The first magnitude that rounds to infinity in single precision: halfway between the largest float and 2^128. */
const FP32_OVERFLOW = 2 ** 128 - 2 ** 103;
const WORD = 2 ** 32;

/**
 * Elements of an input from JSON, flat or nested exactly as its shape.
 *
 * @param shape checked against `spec`
 * @param position of the input in the request, to find it again in `exact`
 * @throws ServiceError 400 naming the input and the first element that does not fit
 */
export function decodeJsonData(
  spec: TensorSpec,
  shape: readonly number[],
  data: unknown,
  exact: ExactIntegers,
  position: number,
): TensorData {
  const count = elementCount(shape);
  const rows = leafRows(spec, shape, count, data);
  switch (spec.datatype) {
    case 'FP32':
      return fillFloats(new Float32Array(count), rows, FP32_OVERFLOW, spec);
    case 'FP64':
      return fillFloats(new Float64Array(count), rows, Number.POSITIVE_INFINITY, spec);
    case 'INT64':
      return fillWords(new BigInt64Array(count), rows, spec, () =>
        leafRows(spec, shape, count, exact.dataOf(position)),
      );
    case 'UINT64':
      return fillWords(new BigUint64Array(count), rows, spec, () =>
        leafRows(spec, shape, count, exact.dataOf(position)),
      );
    case 'INT32':
      return fillIntegers(new Int32Array(count), rows, spec);
    case 'INT16':
      return fillIntegers(new Int16Array(count), rows, spec);
    case 'INT8':
      return fillIntegers(new Int8Array(count), rows, spec);
    case 'UINT32':
      return fillIntegers(new Uint32Array(count), rows, spec);
    case 'UINT16':
      return fillIntegers(new Uint16Array(count), rows, spec);
    case 'UINT8':
      return fillIntegers(new Uint8Array(count), rows, spec);
    case 'BOOL':
      return fillBooleans(new Uint8Array(count), rows, spec);
    case 'BYTES':
      return collectStrings(rows, spec);
    case 'FP16':
      throw badRequest(`input '${spec.name}' is FP16, which JSON cannot carry, expected binary_data_size`);
  }
}

/**
 * The innermost arrays of `data`, in order. Together they are known to hold exactly `count` elements, so that storage
 * for `count` is only asked for by a caller who sent as much.
 */
function leafRows(spec: TensorSpec, shape: readonly number[], count: number, data: unknown): Rows {
  if (!Array.isArray(data)) {
    if (shape.length === 0) return [[data]];
    throw badRequest(`input '${spec.name}' has data ${described(data)}, expected an array`);
  }
  const values: readonly unknown[] = data;
  if (shape.length < 2 || !Array.isArray(values[0])) {
    if (values.length !== count) {
      throw badRequest(
        `input '${spec.name}' has ${counted(values.length, 'element')}, expected ${count} for shape ${shapeText(shape)}`,
      );
    }
    return [values];
  }
  const rows: (readonly unknown[])[] = [];
  collectRows(spec, shape, 0, values, rows);
  return rows;
}

/** Recursion goes as deep as the model's rank, whatever the caller nests. */
function collectRows(
  spec: TensorSpec,
  shape: readonly number[],
  axis: number,
  values: readonly unknown[],
  rows: (readonly unknown[])[],
): void {
  if (values.length !== shape[axis]) {
    throw badRequest(
      `input '${spec.name}' has an array of ${values.length} in dimension ${axis}, expected ${shape[axis]} for shape ${shapeText(shape)}`,
    );
  }
  if (axis === shape.length - 1) {
    rows.push(values);
    return;
  }
  for (const inner of values) {
    if (!Array.isArray(inner)) {
      throw badRequest(`input '${spec.name}' has ${described(inner)} in dimension ${axis}, expected an array`);
    }
    collectRows(spec, shape, axis + 1, inner, rows);
  }
}

function fillFloats<T extends Float32Array | Float64Array>(out: T, rows: Rows, overflow: number, spec: TensorSpec): T {
  let at = 0;
  for (const row of rows) {
    for (let i = 0; i < row.length; i++) {
      const value = row[i];
      out[at] =
        typeof value === 'number' && value < overflow && value > -overflow ? value : unusualFloat(value, spec, at);
      at++;
    }
  }
  return out;
}

/** The values that JSON has no number for travel as strings; anything else is a mistake. */
function unusualFloat(value: unknown, spec: TensorSpec, at: number): number {
  if (value === 'NaN') return Number.NaN;
  if (value === 'Infinity') return Number.POSITIVE_INFINITY;
  if (value === '-Infinity') return Number.NEGATIVE_INFINITY;
  if (typeof value === 'number') {
    throw badRequest(`input '${spec.name}' has element ${at} beyond the range of ${spec.datatype}`);
  }
  throw wrongElement(spec, at, described(value), "a number, 'NaN', 'Infinity' or '-Infinity'");
}

function fillIntegers<T extends SmallIntegers>(out: T, rows: Rows, spec: TensorSpec): T {
  let at = 0;
  for (const row of rows) {
    for (let i = 0; i < row.length; i++) {
      const value = row[i];
      if (typeof value !== 'number') throw wrongInteger(spec, at, described(value));
      out[at] = value;
      // Fractions are cut and large values wrap in the store, so what comes back tells whether the value fits.
      if (out[at] !== value) throw wrongInteger(spec, at, described(value));
      at++;
    }
  }
  return out;
}

/**
 * 64-bit integers, written as two 32-bit words: several times faster than through a BigInt for each element. Values
 * that a double does not hold exactly are taken from the text of the request.
 */
function fillWords<T extends BigInt64Array | BigUint64Array>(
  out: T,
  rows: Rows,
  spec: TensorSpec,
  readTexts: () => Rows,
): T {
  const words = new Int32Array(out.buffer);
  const lowest = spec.datatype === 'UINT64' ? 0 : Number.MIN_SAFE_INTEGER;
  let texts: Rows | undefined;
  let at = 0;
  for (const [r, row] of rows.entries()) {
    for (let i = 0; i < row.length; i++) {
      const value = row[i];
      if (typeof value !== 'number') throw wrongInteger(spec, at, described(value));
      if (Number.isSafeInteger(value) && value >= lowest) {
        words[2 * at] = value;
        words[2 * at + 1] = Math.floor(value / WORD);
      } else {
        if (!mayBeRounded(value)) throw wrongInteger(spec, at, described(value));
        texts ??= readTexts();
        out[at] = integerInRange(texts[r]?.[i], spec, at);
      }
      at++;
    }
  }
  return out;
}

/** True where a double may stand for another integer that is in the range of a 64-bit type. */
function mayBeRounded(value: number): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) <= 2 ** 64;
}

function integerInRange(text: unknown, spec: TensorSpec, at: number): bigint {
  const range = INTEGER_RANGES[spec.datatype];
  const value = typeof text === 'string' ? exactInteger(text) : undefined;
  if (range === undefined || value === undefined || value < range[0] || value > range[1]) {
    throw wrongInteger(spec, at, String(text));
  }
  return value;
}

function fillBooleans(out: Uint8Array, rows: Rows, spec: TensorSpec): Uint8Array {
  let at = 0;
  for (const row of rows) {
    for (const value of row) {
      if (typeof value !== 'boolean') throw wrongElement(spec, at, described(value), 'true or false');
      out[at++] = value ? 1 : 0;
    }
  }
  return out;
}

function collectStrings(rows: Rows, spec: TensorSpec): string[] {
  const strings: string[] = [];
  for (const row of rows) {
    for (const value of row) {
      if (typeof value !== 'string') throw wrongElement(spec, strings.length, described(value), 'a string');
      checkText(value, spec, strings.length);
      strings.push(value);
    }
  }
  return strings;
}

function wrongInteger(spec: TensorSpec, at: number, found: string): ServiceError {
  const range = INTEGER_RANGES[spec.datatype];
  return wrongElement(spec, at, found, `an integer from ${range?.[0]} to ${range?.[1]}`);
}

function wrongElement(spec: TensorSpec, at: number, found: string, expected: string): ServiceError {
  return badRequest(`input '${spec.name}' is ${spec.datatype}, but element ${at} is ${found}, expected ${expected}`);
}
