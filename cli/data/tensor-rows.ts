import { describeValue } from '../../service/model/feature-problems';
import { allocate, elementCount, type Tensor, type TensorSignature, type TensorSpec } from '../../service/tensor';
import { UsageError } from '../errors';
import type { DataRow } from './data-file';
import { elementsOf, putElement } from './tensor-element';

interface Table {
  readonly file: string;
  readonly columns: readonly string[];
  /** Index of the first of the rows in the file. @default 0 */
  readonly start?: number;
}

/**
 * Rows of a table as inputs of a model that has no description: a column for each input, by its name, with a number or a
 * nested list in each cell; or for a model with one input of rows of numbers, a column for each number, in order.
 *
 * @returns the inputs of each row, with a first dimension of 1
 * @throws UsageError where columns or values do not fit
 */
export function tensorRows(rows: readonly DataRow[], table: Table, signature: TensorSignature): Tensor[][] {
  const { file, columns, start = 0 } = table;
  const placeOf = (index: number) => `${file}: row ${start + index + 1}`;
  const missing = signature.inputs.filter(({ name }) => !columns.includes(name));
  if (missing.length === 0) {
    return rows.map((row, i) => signature.inputs.map((spec) => tensorOf(spec, row[spec.name], placeOf(i))));
  }
  const [only, ...others] = signature.inputs;
  const width = only?.shape.length === 2 ? only.shape[1] : undefined;
  if (only !== undefined && others.length === 0 && width === columns.length) {
    return rows.map((row, i) => [
      tensorOf(
        only,
        columns.map((column) => row[column]),
        placeOf(i),
      ),
    ]);
  }
  const names = missing.map(({ name }) => `'${name}'`).join(', ');
  const width2 = typeof width === 'number' && others.length === 0 ? `, or ${width} columns of numbers` : '';
  throw new UsageError(
    `${file} has no column for the input ${names}${width2}; it has ${columns.length}: ${columns.join(', ')}`,
  );
}

function tensorOf({ name, datatype, shape: declared }: TensorSpec, value: unknown, where: string): Tensor {
  const { sizes, values } = flatten(value);
  const wanted = declared.slice(1);
  // A single value stands for [1] and [1, 1] alike.
  const given =
    sizes.length === 0 && wanted.every((size) => size === 1 || typeof size === 'string') ? wanted.map(() => 1) : sizes;
  const fits =
    given.length === wanted.length && wanted.every((size, i) => typeof size === 'string' || size === given[i]);
  const shape = [1, ...given];
  if (!fits || elementCount(shape) !== values.length) {
    throw new UsageError(`${where}: '${name}' has the shape [${given.join(', ')}], expected [${wanted.join(', ')}]`);
  }
  const data = allocate(datatype, values.length);
  for (const [i, cell] of values.entries()) {
    if (!putElement(datatype, data, i, cell)) {
      const found = cell === undefined ? 'nothing' : describeValue(cell);
      throw new UsageError(`${where}: '${name}' holds ${found}, expected ${elementsOf(datatype)}`);
    }
  }
  return { datatype, shape, data };
}

/** Sizes of a nested list by its first elements, and all its values in order. */
function flatten(value: unknown): { readonly sizes: number[]; readonly values: unknown[] } {
  const sizes: number[] = [];
  let level: unknown[] = [value];
  while (Array.isArray(level[0])) {
    sizes.push(level[0].length);
    level = level.flat();
  }
  return { sizes, values: level };
}
