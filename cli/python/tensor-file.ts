import { readFileSync, writeFileSync } from 'node:fs';
import { isObject } from '../../lib/spec/describe';
import { bytesOf, DATA_TYPES, elementCount, isDataType, type Tensor, type TensorSpec } from '../../service/tensor';
import { PythonError } from '../errors';

/** A tensor between this process and Python: raw numbers in the machine's order, or a JSON list of texts. */
export interface StoredTensor {
  readonly file: string;
  readonly datatype: string;
  readonly shape: readonly number[];
}

export function storeTensor({ datatype, shape, data }: Tensor, file: string): StoredTensor {
  writeFileSync(file, Array.isArray(data) ? JSON.stringify(data) : bytesOf(data));
  return { file, datatype, shape };
}

/**
 * Tensors that Python stored by name, in the order of the specs.
 * @throws PythonError where one is missing or is none
 */
export function readTensors(stored: unknown, specs: readonly TensorSpec[]): Tensor[] {
  return specs.map(({ name }) => readTensor(isObject(stored) ? stored[name] : undefined, name));
}

function readTensor(stored: unknown, name: string): Tensor {
  const { file, datatype, shape } = isObject(stored) ? stored : {};
  if (typeof file !== 'string' || typeof datatype !== 'string' || !isDataType(datatype) || !isShape(shape)) {
    throw new PythonError(`the Python script gave no tensor for '${name}'`);
  }
  const content = readFileSync(file);
  const { array } = DATA_TYPES[datatype];
  if (array === null) {
    const texts: unknown = JSON.parse(content.toString());
    return { datatype, shape, data: Array.isArray(texts) ? texts.map(String) : [] };
  }
  // A copy of its own: a buffer may begin anywhere, an array of numbers may not.
  const { buffer } = new Uint8Array(content);
  return { datatype, shape, data: new array(buffer, 0, elementCount(shape)) };
}

function isShape(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isInteger(size) && size >= 0);
}
