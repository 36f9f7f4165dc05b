import { badRequest } from '../errors';
import type { Tensor, TensorSpec } from '../tensor';
import { described } from './describe';

/**
 * Checks the shape a request declares for an input: rank and fixed dimensions as in the model, sizes that are whole and
 * not negative, and a number of elements that is exact in a double. Allocates nothing that grows with the sizes.
 */
export function parseShape(value: unknown, spec: TensorSpec): number[] {
  if (!Array.isArray(value)) {
    throw badRequest(`input '${spec.name}' has shape ${described(value)}, expected an array of sizes`);
  }
  const declared: readonly unknown[] = value;
  const rank = spec.shape.length;
  if (declared.length !== rank) {
    throw badRequest(
      `input '${spec.name}' has ${declared.length} dimensions, expected ${rank}: ${shapeText(spec.shape)}`,
    );
  }
  const shape: number[] = [];
  let count = 1;
  for (let axis = 0; axis < rank; axis++) {
    const size = declared[axis];
    const expected = spec.shape[axis];
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
      throw badRequest(
        `input '${spec.name}' has size ${described(size)} in dimension ${axis}, expected a whole number from 0 on`,
      );
    }
    if (size !== expected && isFixed(expected)) {
      throw badRequest(
        `input '${spec.name}' has size ${size} in dimension ${axis}, expected ${expected}: ${shapeText(spec.shape)}`,
      );
    }
    // Zeros are left out, so that a size of 0 cannot hide an overflow that another part would run into.
    if (size !== 0) count *= size;
    shape.push(size);
  }
  if (count > Number.MAX_SAFE_INTEGER) {
    throw badRequest(`input '${spec.name}' has shape ${shapeText(shape)}, which is more elements than can be counted`);
  }
  return shape;
}

/** True for a dimension that the model fixes; a name, or a negative number, stands for any size. */
export function isFixed(dimension: number | string | undefined): dimension is number {
  return typeof dimension === 'number' && dimension >= 0;
}

/** A shape as error messages write it, such as `[batch, 13]`. */
export function shapeText(shape: readonly (number | string)[]): string {
  return `[${shape.join(', ')}]`;
}

/**
 * Checks that a symbolic dimension has one size wherever its name stands, over all inputs together.
 *
 * @param inputs tensors in the order of `specs`, each of the rank of its spec
 */
export function checkSymbolicSizes(specs: readonly TensorSpec[], inputs: readonly Tensor[]): void {
  for (let i = 0; i < specs.length; i++) {
    const symbols = specs[i]?.shape ?? [];
    for (let axis = 0; axis < symbols.length; axis++) {
      const symbol = symbols[axis];
      if (typeof symbol === 'string' && symbol !== '') checkSize(symbol, i, axis, specs, inputs);
    }
  }
}

/** Compares with the first place where the name stands, which is the dimension itself in most models. */
function checkSize(
  symbol: string,
  input: number,
  axis: number,
  specs: readonly TensorSpec[],
  inputs: readonly Tensor[],
): void {
  for (let i = 0; i <= input; i++) {
    const first = specs[i]?.shape.indexOf(symbol) ?? -1;
    if (first === -1) continue;
    const expected = inputs[i]?.shape[first];
    const size = inputs[input]?.shape[axis];
    if (size === expected) return;
    throw badRequest(
      `input '${specs[input]?.name}' has size ${size} in dimension ${axis}, but '${symbol}' is ${expected} in input '${specs[i]?.name}'`,
    );
  }
}
