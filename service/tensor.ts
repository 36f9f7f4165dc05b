/**
 * Tensors as they travel through the service: a datatype of the Open Inference Protocol, a shape, and the elements in
 * row-major order. BOOL is one byte per element, FP16 the raw half-precision bits, BYTES the decoded strings.
 */
export type TensorData =
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Float32Array
  | Float64Array
  | string[];

export type NumericData = Exclude<TensorData, string[]>;

interface NumericConstructor {
  readonly BYTES_PER_ELEMENT: number;
  new (length: number): NumericData;
  new (buffer: ArrayBufferLike, byteOffset?: number, length?: number): NumericData;
}

interface DataTypeTraits {
  /** Name of the type in ONNX Runtime. */
  readonly ortType: string;
  /** The array that holds elements of the type, or null for BYTES, which are strings. */
  readonly array: NumericConstructor | null;
}

const TRAITS = {
  BOOL: { ortType: 'bool', array: Uint8Array },
  UINT8: { ortType: 'uint8', array: Uint8Array },
  UINT16: { ortType: 'uint16', array: Uint16Array },
  UINT32: { ortType: 'uint32', array: Uint32Array },
  UINT64: { ortType: 'uint64', array: BigUint64Array },
  INT8: { ortType: 'int8', array: Int8Array },
  INT16: { ortType: 'int16', array: Int16Array },
  INT32: { ortType: 'int32', array: Int32Array },
  INT64: { ortType: 'int64', array: BigInt64Array },
  FP16: { ortType: 'float16', array: Uint16Array },
  FP32: { ortType: 'float32', array: Float32Array },
  FP64: { ortType: 'float64', array: Float64Array },
  BYTES: { ortType: 'string', array: null },
} as const satisfies Record<string, DataTypeTraits>;

/** Datatype names of the Open Inference Protocol that ONNX Runtime can run. */
export type DataType = keyof typeof TRAITS;

export const DATA_TYPES: { readonly [K in DataType]: DataTypeTraits & Pick<(typeof TRAITS)[K], 'ortType'> } = TRAITS;

/** True for a name in {@link DATA_TYPES}. */
export function isDataType(name: string): name is DataType {
  return Object.hasOwn(TRAITS, name);
}

/** The protocol's name for a type of ONNX Runtime, or undefined where the protocol has none. */
export function dataTypeOfOrt(ortType: string): DataType | undefined {
  for (const name of Object.keys(TRAITS)) {
    if (isDataType(name) && TRAITS[name].ortType === ortType) return name;
  }
  return undefined;
}

/** Least and greatest value of the integer types. */
export const INTEGER_RANGES: Readonly<Partial<Record<DataType, readonly [min: bigint, max: bigint]>>> = {
  INT8: [-(2n ** 7n), 2n ** 7n - 1n],
  INT16: [-(2n ** 15n), 2n ** 15n - 1n],
  INT32: [-(2n ** 31n), 2n ** 31n - 1n],
  INT64: [-(2n ** 63n), 2n ** 63n - 1n],
  UINT8: [0n, 2n ** 8n - 1n],
  UINT16: [0n, 2n ** 16n - 1n],
  UINT32: [0n, 2n ** 32n - 1n],
  UINT64: [0n, 2n ** 64n - 1n],
};

export interface Tensor {
  readonly datatype: DataType;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** What a model declares of one input or output. A string dimension is symbolic: any size, equal wherever the name is. */
export interface TensorSpec {
  readonly name: string;
  readonly datatype: DataType;
  readonly shape: readonly (number | string)[];
}

/**
 * The inputs and outputs of a model. Requests and results are arrays of tensors in exactly this order, so that names
 * are resolved once, at the edge.
 */
export interface TensorSignature {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

/** Number of elements of a shape; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  let count = 1;
  for (const dimension of shape) count *= dimension;
  return count;
}

/** Zero-filled storage for `count` elements: empty strings for BYTES. */
export function allocate(datatype: DataType, count: number): TensorData {
  const { array } = DATA_TYPES[datatype];
  return array === null ? new Array<string>(count).fill('') : new array(count);
}

/** Elements of rows [start, end) of a tensor whose first dimension is rows. Numeric data is a view, not a copy. */
export function sliceRows({ datatype, shape, data }: Tensor, start: number, end: number): Tensor {
  const part: number[] = [end - start];
  let rowElements = 1;
  for (let axis = 1; axis < shape.length; axis++) {
    const size = shape[axis] ?? 0;
    rowElements *= size;
    part.push(size);
  }
  const [from, to] = [start * rowElements, end * rowElements];
  return { datatype, shape: part, data: Array.isArray(data) ? data.slice(from, to) : data.subarray(from, to) };
}

/** One tensor of the rows of all, in order; every tensor has the same datatype and the same shape behind the rows. */
export function concatRows(tensors: readonly Tensor[]): Tensor {
  const [first] = tensors;
  if (first === undefined) throw new RangeError('concatRows needs at least one tensor');
  if (tensors.length === 1) return first;
  let rows = 0;
  let count = 0;
  for (const tensor of tensors) {
    rows += tensor.shape[0] ?? 0;
    count += tensor.data.length;
  }
  const data = allocate(first.datatype, count);
  let offset = 0;
  for (const tensor of tensors) {
    copyElements(tensor.data, data, offset);
    offset += tensor.data.length;
  }
  return { datatype: first.datatype, shape: [rows, ...first.shape.slice(1)], data };
}

/** Copies all elements of `source` into `target` from element `offset` on; both hold the same datatype. */
export function copyElements(source: TensorData, target: TensorData, offset: number): void {
  if (Array.isArray(source) && Array.isArray(target)) {
    for (const [i, text] of source.entries()) target[offset + i] = text;
  } else if (source instanceof Float32Array && target instanceof Float32Array) {
    // Most tensors. Looking at the memory of a small array as bytes would move it out of V8's heap first.
    target.set(source, offset);
  } else if (!Array.isArray(source) && !Array.isArray(target)) {
    bytesOf(target).set(bytesOf(source), offset * target.BYTES_PER_ELEMENT);
  } else {
    throw new TypeError('strings and numbers do not mix in one tensor');
  }
}

/** The memory of a numeric tensor, as bytes in the machine's order; a view, not a copy. */
export function bytesOf(data: NumericData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
