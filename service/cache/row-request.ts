import type { Tensor } from '../tensor';

/**
 * Runs the model on the rows with these indices, in this order; the outputs hold exactly those rows.
 * It is called at most twice for an answer, the second time for rows whose first run, begun for another request, failed,
 * and once more behind the answer where rows are renewed before their end.
 */
export type ComputeRows = (rows: readonly number[]) => Promise<readonly Tensor[]>;

/** A request as the cache sees it. */
export interface RowRequest {
  /** One per row, see RowKeys. */
  readonly keys: readonly string[];
  /** Whether the first dimension of the outputs is the rows; false: one key, whole outputs. */
  readonly batched: boolean;
  readonly compute: ComputeRows;
  /** The entity that each row was asked for, by which it can be invalidated; undefined: it, or none, has one. */
  readonly entities?: readonly (string | undefined)[] | undefined;
}
