import { elementCount, type TensorSignature, type TensorSpec } from '../tensor';

/** A larger example would fill the terminal. */
const MAX_ELEMENTS = 64;

/**
 * The body of an infer request that a model accepts, for people to start from: one row, zeros and empty strings. What
 * is symbolic in a shape becomes 1. Undefined where JSON cannot carry an input, or where it would be long.
 */
export function exampleInferBody({ inputs }: TensorSignature): string | undefined {
  const tensors = inputs.map(exampleTensor);
  return tensors.includes(undefined) ? undefined : JSON.stringify({ inputs: tensors });
}

function exampleTensor({ name, datatype, shape }: TensorSpec): object | undefined {
  const concrete = shape.map((dimension) => (typeof dimension === 'string' ? 1 : dimension));
  const count = elementCount(concrete);
  if (datatype === 'FP16' || count > MAX_ELEMENTS) return undefined;
  const zero = datatype === 'BYTES' ? '' : datatype === 'BOOL' ? false : 0;
  return { name, shape: concrete, datatype, data: new Array(count).fill(zero) };
}
