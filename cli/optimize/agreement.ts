import { valuesOf } from '../../service/float16';
import type { Tensor } from '../../service/tensor';

/**
 * How far two models agree on the outputs of the same rows, from 0 to 1: the least of all outputs. Per output:
 * - scores of labels (`labelled`): share of rows with the same label first;
 * - several floating-point numbers a row, such as an embedding: mean cosine of the rows;
 * - one floating-point number a row: R², the share of the original's variance that the candidate explains;
 * - everything else: share of equal elements.
 *
 * A number that is not finite agrees with itself at the same place, and with nothing else.
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
    const ofRow = i === labelled ? sameLabel : cosine;
    if (i === labelled || (rows[0]?.length ?? 0) > 1) return mean(rows.map((row, j) => ofRow(row, others[j] ?? [])));
    return explained(rows.flat(), others.flat());
  });
  return Math.min(...shares, 1);
}

/** Rows of a request in which the candidate has a number that is not finite where the original's is. */
export function brokenRows(original: readonly Tensor[], candidate: readonly Tensor[]): number {
  const broken = new Set<number>();
  for (const [i, tensor] of original.entries()) {
    const other = candidate[i];
    if (other === undefined || !isFloat(tensor) || other.shape.join() !== tensor.shape.join()) continue;
    const others = rowsOf(other);
    for (const [row, values] of rowsOf(tensor).entries()) {
      if (values.some((value, j) => Number.isFinite(value) && !Number.isFinite(others[row]?.[j]))) broken.add(row);
    }
  }
  return broken.size;
}

/** The numbers of each row of a tensor. */
export function rowsOf({ datatype, shape, data }: Tensor): number[][] {
  const values = (Array.isArray(data) ? data : valuesOf(datatype, data)).map(Number);
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

/** Whether the same label comes first, as 1 or 0. */
function sameLabel(row: readonly number[], other: readonly number[]): number {
  return differsWhereNotFinite(row, other) || best(row) !== best(other) ? 0 : 1;
}

/** Position of the greatest number. */
function best(row: readonly number[]): number {
  let top = Number.NEGATIVE_INFINITY;
  return row.reduce((found, value, i) => {
    if (!(value > top)) return found;
    top = value;
    return i;
  }, 0);
}

function cosine(row: readonly number[], other: readonly number[]): number {
  if (differsWhereNotFinite(row, other)) return 0;
  const [a, b] = [row.filter(Number.isFinite), other.filter(Number.isFinite)];
  const [ab, aa, bb] = [dot(a, b), dot(a, a), dot(b, b)];
  if (aa === 0 && bb === 0) return 1;
  const value = ab / Math.sqrt(aa * bb);
  return Number.isFinite(value) ? clamp(value) : equalShare(a, b);
}

/** R² of `b` as a prediction of `a` for what is finite in both; of the rest, the share that is equal. */
function explained(a: readonly number[], b: readonly number[]): number {
  if (a.length === 0) return 1;
  const finite = [...a.keys()].filter((i) => Number.isFinite(a[i]) && Number.isFinite(b[i]));
  const equal = a.filter((value, i) => !Number.isFinite(value) && Object.is(value, b[i])).length;
  const at = (values: readonly number[]) => finite.map((i) => values[i] ?? Number.NaN);
  return (finite.length * coefficient(at(a), at(b)) + equal) / a.length;
}

/** R²; where `a` does not vary, the share that is equal. */
function coefficient(a: readonly number[], b: readonly number[]): number {
  const average = mean(a);
  const variance = a.reduce((sum, value) => sum + (value - average) ** 2, 0);
  const error = a.reduce((sum, value, i) => sum + (value - (b[i] ?? Number.NaN)) ** 2, 0);
  const share = 1 - error / variance;
  return Number.isFinite(share) ? clamp(share) : equalShare(a, b);
}

function differsWhereNotFinite(a: readonly number[], b: readonly number[]): boolean {
  return a.some((value, i) => !(Number.isFinite(value) && Number.isFinite(b[i])) && !Object.is(value, b[i]));
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
