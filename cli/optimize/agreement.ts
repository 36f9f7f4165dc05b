import { numberOfHalf } from '../../service/float16';
import type { Tensor } from '../../service/tensor';

/**
 * How far two models agree on the outputs of the same rows, from 0 to 1: the least of all outputs. Per output:
 * - scores of labels (`labelled`): share of rows with the same label first;
 * - several floating-point numbers a row, such as an embedding: mean cosine of the rows;
 * - one floating-point number a row: R², the share of the original's variance that the candidate explains;
 * - everything else: share of equal elements.
 *
 * Rows that are not finite in both agree; other values that are not finite agree with nothing else.
 */
export function agreement(
  original: readonly Tensor[],
  candidate: readonly Tensor[],
  labelled: number | undefined,
): number {
  const shares = original.map((tensor, i) => {
    const other = candidate[i];
    if (other === undefined || other.shape.join() !== tensor.shape.join()) return 0;
    if (!isFloat(tensor)) return equalShare([...tensor.data], [...other.data]);
    const rows = rowsOf(tensor);
    const others = rowsOf(other);
    if (i === labelled) return equalShare(rows.map(best), others.map(best));
    if ((rows[0]?.length ?? 0) > 1) return mean(rows.map((row, j) => cosine(row, others[j] ?? [])));
    return explained(rows.flat(), others.flat());
  });
  return Math.min(...shares, 1);
}

/** The numbers of each row of a tensor. */
export function rowsOf({ datatype, shape, data }: Tensor): number[][] {
  const numbers = Array.from<unknown, number>(data, Number);
  const values = datatype === 'FP16' ? numbers.map(numberOfHalf) : numbers;
  const rows = shape[0] ?? 1;
  const width = rows === 0 ? 0 : values.length / rows;
  return Array.from({ length: rows }, (_, row) => values.slice(row * width, (row + 1) * width));
}

function isFloat({ datatype }: Tensor): boolean {
  return datatype === 'FP32' || datatype === 'FP64' || datatype === 'FP16';
}

function equalShare(a: readonly unknown[], b: readonly unknown[]): number {
  if (a.length === 0) return 1;
  return a.filter((value, i) => Object.is(value, b[i])).length / a.length;
}

function best(row: readonly number[]): number {
  return row.reduce((top, value, i) => (value > (row[top] ?? Number.NEGATIVE_INFINITY) ? i : top), 0);
}

function cosine(a: readonly number[], b: readonly number[]): number {
  const [ab, aa, bb] = [dot(a, b), dot(a, a), dot(b, b)];
  if (aa === 0 && bb === 0) return 1;
  const value = ab / Math.sqrt(aa * bb);
  return Number.isFinite(value) ? clamp(value) : equalShare(a, b);
}

/** R² of `b` as a prediction of `a`; where `a` does not vary, whether they are equal. */
function explained(a: readonly number[], b: readonly number[]): number {
  const average = mean(a);
  const variance = a.reduce((sum, value) => sum + (value - average) ** 2, 0);
  const error = a.reduce((sum, value, i) => sum + (value - (b[i] ?? Number.NaN)) ** 2, 0);
  const share = 1 - error / variance;
  return Number.isFinite(share) ? clamp(share) : equalShare(a, b);
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? Number.NaN), 0);
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 1 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share));
}
