import { concatRows, sliceRows, type Tensor } from '../tensor';
import type { CachedRow } from './kept-row';

/** One row of the outputs of several; numeric data is a view. */
export function rowOf(outputs: readonly Tensor[], position: number): CachedRow {
  return outputs.map((tensor) => sliceRows(tensor, position, position + 1));
}

/** A copy that does not keep the whole batch alive. */
export function detached(row: CachedRow): CachedRow {
  return row.map((tensor) => ({ ...tensor, data: tensor.data.slice() }));
}

/** The outputs of all rows together. */
export function assemble(rows: readonly (CachedRow | undefined)[]): readonly Tensor[] {
  const complete = rows.filter((row) => row !== undefined);
  const [first] = complete;
  if (first === undefined || complete.length !== rows.length) throw new Error('a row of the answer is missing');
  // Also keeps whole outputs of a model without rows as they are.
  if (complete.length === 1) return first;
  return first.map((_, output) => {
    return concatRows(
      complete.map((row) => {
        const tensor = row[output];
        if (tensor === undefined) throw new Error('rows of one request have different outputs');
        return tensor;
      }),
    );
  });
}
