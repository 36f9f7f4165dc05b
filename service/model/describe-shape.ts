import type { TensorSpec } from '../tensor';

/** A declared shape for messages: `[N, 3]`; a dimension without a name is `?`. */
export function describeShape(shape: TensorSpec['shape']): string {
  return `[${shape.map((size) => (size === '' ? '?' : size)).join(', ')}]`;
}
