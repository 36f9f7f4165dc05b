import type { TensorSpec } from '../tensor';

/** A declared shape for messages: `[N, 3]`; a dimension without a name, which the runtime numbers `?1`, is `?`. */
export function describeShape(shape: TensorSpec['shape']): string {
  return `[${shape.map((size) => (/^(\?\d+)?$/.test(String(size)) ? '?' : size)).join(', ')}]`;
}
