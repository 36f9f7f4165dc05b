import {
  allocate,
  copyElements,
  type DataType,
  elementCount,
  type Tensor,
  type TensorData,
  type TensorSpec,
} from '../tensor';

/** Half-precision bits of 0, 0.25, 0.5 and 1. */
const HALVES = [0x0000, 0x3400, 0x3800, 0x3c00] as const;
/** The exponent of a half-precision number, and the step that halves it. */
const HALF_EXPONENT = 0x7c00;
const HALF_EXPONENT_ONE = 0x0400;

/**
 * Inputs made up from a signature: small numbers that most models accept, such as indices 0 and 1.
 *
 * @param firstSize size of symbolic first dimensions
 * @param otherSize size of all other symbolic dimensions
 * @param seed equal seeds give equal values
 */
export function syntheticInputs(
  specs: readonly TensorSpec[],
  firstSize: number,
  otherSize: number,
  seed: number,
): readonly Tensor[] {
  const random = mulberry32(seed);
  return specs.map(({ datatype, shape: declared }) => {
    const shape = declared.map((size, i) => (typeof size === 'number' ? size : i === 0 ? firstSize : otherSize));
    const data = allocate(datatype, elementCount(shape));
    fill(datatype, data, random);
    return { datatype, shape, data };
  });
}

/**
 * Other rows that a model which accepts these probably accepts too: numbers halved, towards zero, so that an index stays
 * in its range; truth values turned round; texts as they are.
 */
export function variantOf({ datatype, shape, data }: Tensor): Tensor {
  const changed = allocate(datatype, data.length);
  if (isBigInts(changed) && isBigInts(data)) {
    for (const [i, value] of data.entries()) changed[i] = value / 2n;
  } else if (isNumbers(changed) && isNumbers(data)) {
    for (const [i, value] of data.entries()) changed[i] = halve(datatype, value);
  } else if (Array.isArray(changed)) {
    copyElements(data, changed, 0);
  }
  return { datatype, shape, data: changed };
}

function fill(datatype: DataType, data: TensorData, random: () => number): void {
  if (Array.isArray(data)) {
    for (let i = 0; i < data.length; i += 1) data[i] = random() < 0.5 ? 'a' : 'b';
  } else if (isBigInts(data)) {
    for (let i = 0; i < data.length; i += 1) data[i] = random() < 0.5 ? 0n : 1n;
  } else {
    for (let i = 0; i < data.length; i += 1) data[i] = someNumber(datatype, random());
  }
}

/** @param chance in [0, 1) */
function someNumber(datatype: DataType, chance: number): number {
  if (datatype === 'FP32' || datatype === 'FP64') return chance;
  if (datatype === 'FP16') return HALVES[Math.floor(chance * HALVES.length)] ?? 0;
  return Math.round(chance);
}

function halve(datatype: DataType, value: number): number {
  if (datatype === 'FP32' || datatype === 'FP64') return value / 2;
  if (datatype === 'BOOL') return 1 - value;
  if (datatype === 'FP16') return (value & HALF_EXPONENT) > HALF_EXPONENT_ONE ? value - HALF_EXPONENT_ONE : 0;
  return Math.trunc(value / 2);
}

function isBigInts(data: TensorData): data is BigInt64Array | BigUint64Array {
  return data instanceof BigInt64Array || data instanceof BigUint64Array;
}

function isNumbers(data: TensorData): data is Exclude<TensorData, BigInt64Array | BigUint64Array | string[]> {
  return !Array.isArray(data) && !isBigInts(data);
}

/** Mulberry32, a generator of 32 bits of state by Tommy Ettinger (public domain): plenty for made-up inputs. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
