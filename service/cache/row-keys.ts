import { hash } from 'node:crypto';
import { bytesOf, elementCount, type Tensor, type TensorSignature } from '../tensor';

/** Bytes of one row of one tensor, numbers as they lie in memory, strings with their lengths. */
interface RowSource {
  readonly bytes: Uint8Array;
  readonly rowBytes: number;
}

const PREFIX_BYTES = 32;

/**
 * Keys of single rows in the prediction cache, for one model version.
 *
 * A key is the SHA-256 of a prefix and the row's bytes. The prefix is itself the SHA-256 of everything else that the
 * answer depends on: model, artifact digest, and for each input its name, datatype and shape behind the rows, and the
 * requested outputs. SHA-256 because keys come from strangers: with a weaker hash a caller could craft two inputs of
 * one key and plant an answer; it costs 0.9 µs for a small row (a third of the dispatch of one request).
 * Bytes are not normalised: −0.0 and 0.0, or two NaNs, may give different answers, so they are different keys.
 */
export class RowKeys {
  readonly #identity: string;
  readonly #signature: TensorSignature;
  readonly #prefixes = new Map<string, Uint8Array>();
  #scratch = Buffer.alloc(1024);

  /** @param identity model name and artifact digest: whatever makes two versions different */
  constructor(identity: string, signature: TensorSignature) {
    this.#identity = identity;
    this.#signature = signature;
  }

  /**
   * One key per row.
   *
   * @param inputs tensors in the order of the signature; where `batched`, their first dimension is the rows
   * @param outputs indices of the requested outputs
   * @param batched false: the whole request counts as one row
   */
  keysOf(inputs: readonly Tensor[], outputs: readonly number[], rows: number, batched: boolean): string[] {
    const prefix = this.#prefixOf(inputs, outputs, batched);
    const sources = inputs.map((tensor) => rowSource(tensor, batched ? rows : 1));
    const keys = new Array<string>(rows);
    for (let row = 0; row < rows; row++) keys[row] = this.#key(prefix, inputs, sources, row, batched ? rows : 1);
    return keys;
  }

  #key(
    prefix: Uint8Array,
    inputs: readonly Tensor[],
    sources: readonly (RowSource | null)[],
    row: number,
    rows: number,
  ): string {
    let length = PREFIX_BYTES;
    for (const [i, source] of sources.entries()) {
      const bytes = source ?? encodeStrings(inputs[i], row, rows);
      length += bytes.rowBytes;
      if (length > this.#scratch.length) this.#grow(length);
      const start = source === null ? 0 : row * bytes.rowBytes;
      this.#scratch.set(bytes.bytes.subarray(start, start + bytes.rowBytes), length - bytes.rowBytes);
    }
    this.#scratch.set(prefix, 0);
    return hash('sha256', this.#scratch.subarray(0, length), 'base64url');
  }

  #grow(length: number): void {
    const larger = Buffer.alloc(2 * length);
    this.#scratch.copy(larger);
    this.#scratch = larger;
  }

  #prefixOf(inputs: readonly Tensor[], outputs: readonly number[], batched: boolean): Uint8Array {
    const shapes = inputs.map((tensor) => (batched ? tensor.shape.slice(1) : tensor.shape).join('x')).join(';');
    const variant = `${batched ? 'row' : 'whole'}|${shapes}|${outputs.join(',')}`;
    let prefix = this.#prefixes.get(variant);
    if (prefix === undefined) {
      const names = this.#signature.inputs.map(({ name, datatype }) => [name, datatype]);
      prefix = hash('sha256', JSON.stringify([this.#identity, names, variant]), 'buffer');
      // Shapes come from callers; forgetting them all now and then costs a hash, keeping them all costs memory.
      if (this.#prefixes.size >= 256) this.#prefixes.clear();
      this.#prefixes.set(variant, prefix);
    }
    return prefix;
  }
}

function rowSource(tensor: Tensor, rows: number): RowSource | null {
  if (Array.isArray(tensor.data)) return null;
  const bytes = bytesOf(tensor.data);
  return { bytes, rowBytes: rows === 0 ? 0 : bytes.length / rows };
}

/** Each string behind its byte length, so that ["ab","c"] and ["a","bc"] differ. */
function encodeStrings(tensor: Tensor | undefined, row: number, rows: number): RowSource {
  if (tensor === undefined || !Array.isArray(tensor.data)) throw new TypeError('only BYTES tensors hold strings');
  const perRow = rows === 0 ? 0 : elementCount(tensor.shape) / rows;
  const parts: Buffer[] = [];
  for (const text of tensor.data.slice(row * perRow, (row + 1) * perRow)) {
    const bytes = Buffer.from(text);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    parts.push(length, bytes);
  }
  const bytes = Buffer.concat(parts);
  return { bytes, rowBytes: bytes.length };
}
