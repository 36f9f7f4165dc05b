import type { Tensor } from '../tensor';

/**
 * The classification extension: the `count` highest values of each row as BYTES `"value:index"`, or
 * `"value:index:label"` where the label is known, best first.
 *
 * A tensor of rank 2 or more has rows in its first dimension and gives shape [rows, count]; one of lower rank is a
 * single row and gives shape [count].
 */
export declare function classify(tensor: Tensor, count: number, labels?: readonly string[]): Tensor;
