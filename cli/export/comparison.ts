import { valuesOf } from '../../service/float16';
import type { Tensor, TensorSpec } from '../../service/tensor';

/** How an output of an export compares with the original's, over all rows so far. */
export interface OutputComparison {
  readonly name: string;
  /** Greatest |export - original| / max(1, |original|); of labels and other exact values 0 or infinite. */
  largestDifference: number;
  differingRows: number;
}

/**
 * Holds the outputs of an export against those of the original, request by request. Numbers may differ by the tolerance:
 * absolute up to 1, relative above. All else has to be equal, except labels of rows whose two best scores are equal within
 * the tolerance: which of them comes first is then a matter of rounding.
 */
export class Comparison {
  readonly outputs: readonly OutputComparison[];
  rows = 0;
  /** Rows without a label to compare. */
  tiedRows = 0;

  constructor(
    private readonly specs: readonly TensorSpec[],
    private readonly tolerance: number,
  ) {
    this.outputs = specs.map(({ name }) => ({ name, largestDifference: 0, differingRows: 0 }));
  }

  get isEqual(): boolean {
    return this.outputs.every(({ differingRows }) => differingRows === 0);
  }

  /** @param rows that the request had; both lists are in the order of the signature */
  add(rows: number, original: readonly Tensor[], exported: readonly Tensor[]): void {
    const tied = this.#tied(rows, original);
    this.rows += rows;
    this.tiedRows += tied.size;
    for (const [i, output] of this.outputs.entries()) {
      const isNumber = this.specs[i]?.datatype.startsWith('FP') === true;
      const [expected, found] = [elementsOf(original[i]), elementsOf(exported[i])];
      const width = expected.length / rows;
      for (let row = 0; row < rows; row += 1) {
        if (!isNumber && tied.has(row)) continue;
        let difference = expected.length === found.length ? 0 : Number.POSITIVE_INFINITY;
        for (let j = row * width; j < (row + 1) * width; j += 1) {
          difference = Math.max(difference, differenceOf(expected[j], found[j], isNumber));
        }
        output.largestDifference = Math.max(output.largestDifference, difference);
        if (difference > this.tolerance) output.differingRows += 1;
      }
    }
  }

  #tied(rows: number, original: readonly Tensor[]): ReadonlySet<number> {
    const tied = new Set<number>();
    const scores = original.find((tensor, i) => {
      return this.specs[i]?.datatype.startsWith('FP') && tensor.shape.length === 2 && (tensor.shape[1] ?? 0) >= 2;
    });
    if (scores === undefined || this.specs.every(({ datatype }) => datatype.startsWith('FP'))) return tied;
    const values = elementsOf(scores).map(Number);
    const width = values.length / rows;
    for (let row = 0; row < rows; row += 1) {
      const [first = 0, second = 0] = values.slice(row * width, (row + 1) * width).sort((a, b) => b - a);
      if (first - second <= this.tolerance * Math.max(1, Math.abs(first))) tied.add(row);
    }
    return tied;
  }
}

function elementsOf(tensor: Tensor | undefined): readonly (number | bigint | string)[] {
  if (tensor === undefined) return [];
  return Array.isArray(tensor.data) ? tensor.data : valuesOf(tensor.datatype, tensor.data);
}

function differenceOf(expected: unknown, found: unknown, isNumber: boolean): number {
  if (!isNumber) return String(expected) === String(found) ? 0 : Number.POSITIVE_INFINITY;
  const [a, b] = [Number(expected), Number(found)];
  if (Object.is(a, b) || a === b) return 0;
  const difference = Math.abs(a - b) / Math.max(1, Math.abs(a));
  return Number.isFinite(difference) ? difference : Number.POSITIVE_INFINITY;
}
