import { concatRows, sliceRows, type Tensor, type TensorSignature } from '../tensor';
import { isSameOutput } from './same-outputs';
import { syntheticInputs, variantOf } from './synthetic-rows';

/** Two different rows, each as the inputs of a request of one row. */
export type RowPair = readonly [readonly Tensor[], readonly Tensor[]];

/** Sizes tried for symbolic dimensions other than the rows: small ones, then those of usual images. */
const OTHER_SIZES = [8, 1, 64, 224] as const;
/** Attempts to make up a row that differs from another. */
const SEEDS = 8;

/** Whole requests that a model may accept, the likelier ones first. */
export function* wholeInputs(
  { inputs }: TensorSignature,
  examples: readonly Tensor[] | undefined,
): Generator<readonly Tensor[]> {
  if (examples !== undefined) yield examples;
  for (const size of OTHER_SIZES) yield syntheticInputs(inputs, size, size, 0);
}

/** Pairs of rows that a batchable model may accept, the likelier ones first. */
export function* rowPairs(signature: TensorSignature, examples: readonly Tensor[] | undefined): Generator<RowPair> {
  if (examples !== undefined) yield* examplePairs(examples);
  for (const size of OTHER_SIZES) {
    const row = syntheticInputs(signature.inputs, 1, size, 0);
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const other = syntheticInputs(signature.inputs, 1, size, seed);
      if (areSame(row, other)) continue;
      yield [row, other];
      break;
    }
  }
}

/** A request of `rows` rows, in which the two of a pair take turns. */
export function repeatRows([first, second]: RowPair, rows: number): readonly Tensor[] {
  return first.map((tensor, i) => {
    const other = second[i] ?? tensor;
    return concatRows(Array.from({ length: rows }, (_, row) => (row % 2 === 0 ? tensor : other)));
  });
}

export function areSame(a: readonly Tensor[], b: readonly Tensor[]): boolean {
  return a.every((tensor, i) => {
    const other = b[i];
    return other !== undefined && isSameOutput(tensor, other);
  });
}

function* examplePairs(examples: readonly Tensor[]): Generator<RowPair> {
  const rowAt = (row: number): readonly Tensor[] => examples.map((tensor) => sliceRows(tensor, row, row + 1));
  const rows = examples[0]?.shape[0] ?? 0;
  if (rows === 0) return;
  const first = rowAt(0);
  for (let row = 1; row < rows; row += 1) {
    const other = rowAt(row);
    if (areSame(first, other)) continue;
    yield [first, other];
    break;
  }
  const variant = first.map(variantOf);
  if (!areSame(first, variant)) yield [first, variant];
}
