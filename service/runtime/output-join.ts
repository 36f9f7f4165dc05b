import { allocate, copyElements, elementCount, sliceRows, type Tensor } from '../tensor';

/** Puts the outputs of the parts of a cut job together again, each copied once into its place. */
export class OutputJoin {
  #joined: readonly Tensor[] | undefined;

  constructor(private readonly rows: number) {}

  get outputs(): readonly Tensor[] {
    return this.#joined ?? [];
  }

  /** @returns false when an output has another shape than in the part before, so that they make no one tensor */
  put(startRow: number, part: readonly Tensor[]): boolean {
    this.#joined ??= part.map(({ datatype, shape: [, ...tail] }) => ({
      datatype,
      shape: [this.rows, ...tail],
      data: allocate(datatype, this.rows * elementCount(tail)),
    }));
    for (const [i, output] of part.entries()) {
      const whole = this.#joined[i];
      if (whole === undefined || !hasSameTail(output.shape, whole.shape)) return false;
      copyElements(output.data, whole.data, startRow * elementCount(output.shape.slice(1)));
    }
    return true;
  }
}

/** Equal but for the number of rows. */
export function hasSameTail(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 1; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}

/** The rows of an output that belong to the parts of a batch, one part after the other. */
export class RowSplitter {
  #row = 0;

  constructor(private readonly outputs: readonly Tensor[]) {}

  next(rows: number): Tensor[] {
    const start = this.#row;
    this.#row += rows;
    return this.outputs.map((output) => sliceRows(output, start, start + rows));
  }
}
