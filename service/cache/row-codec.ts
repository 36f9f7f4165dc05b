import { endianness } from 'node:os';
import { bytesOf, DATA_TYPES, type DataType, elementCount, isDataType, type Tensor } from '../tensor';
import type { CachedRow, KeptRow } from './kept-row';

/**
 * Rows as they lie in Redis, little-endian:
 *
 *     u8 version | f64 expiry, ms since the epoch | f32 run, ms | u8 tensors | tensors…
 *     tensor: u8 datatype | u8 rank | u32 per dimension | u32 bytes | elements
 *     elements: numbers as in memory; strings as u32 bytes and UTF-8 each
 *
 * Elements are copied as they lie in memory, so machines of the other byte order write another version, which makes
 * their entries misses here.
 */
const VERSION = endianness() === 'LE' ? 1 : 0x81;

/** The place in this list is the number on the wire: only ever append. */
const TYPES: readonly DataType[] = [
  'BOOL',
  'UINT8',
  'UINT16',
  'UINT32',
  'UINT64',
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'FP16',
  'FP32',
  'FP64',
  'BYTES',
];

const HEADER_BYTES = 14;

/** A buffer of its own, made to be sent. */
export function encodeRow({ row, expiresMs, runMs }: KeptRow): Buffer {
  const elements = row.map(elementBytes);
  let sizeBytes = HEADER_BYTES;
  for (const [i, bytes] of elements.entries()) sizeBytes += 6 + 4 * (row[i]?.shape.length ?? 0) + bytes.length;
  const buffer = Buffer.allocUnsafe(sizeBytes);
  buffer.writeUInt8(VERSION, 0);
  buffer.writeDoubleLE(expiresMs, 1);
  buffer.writeFloatLE(runMs, 9);
  buffer.writeUInt8(row.length, 13);
  let offset = HEADER_BYTES;
  for (const [i, tensor] of row.entries()) {
    offset = buffer.writeUInt8(TYPES.indexOf(tensor.datatype), offset);
    offset = buffer.writeUInt8(tensor.shape.length, offset);
    for (const dimension of tensor.shape) offset = buffer.writeUInt32LE(dimension, offset);
    const bytes = elements[i] ?? new Uint8Array();
    offset = buffer.writeUInt32LE(bytes.length, offset);
    buffer.set(bytes, offset);
    offset += bytes.length;
  }
  return buffer;
}

/** The row, sharing no memory with `buffer`; undefined for whatever {@link encodeRow} of this version did not write. */
export function decodeRow(buffer: Buffer): KeptRow | undefined {
  try {
    if (buffer.readUInt8(0) !== VERSION) return undefined;
    const reader = new RowReader(buffer);
    const row = reader.row(buffer.readUInt8(13));
    return row && { row, expiresMs: buffer.readDoubleLE(1), runMs: buffer.readFloatLE(9) };
  } catch {
    // Read beyond the end: the entry was cut short.
    return undefined;
  }
}

class RowReader {
  #offset = HEADER_BYTES;

  constructor(private readonly buffer: Buffer) {}

  row(tensors: number): CachedRow | undefined {
    const row: Tensor[] = [];
    for (let i = 0; i < tensors; i++) {
      const tensor = this.#tensor();
      if (tensor === undefined) return undefined;
      row.push(tensor);
    }
    return this.#offset === this.buffer.length ? row : undefined;
  }

  #tensor(): Tensor | undefined {
    const datatype = TYPES[this.buffer.readUInt8(this.#offset)];
    const rank = this.buffer.readUInt8(this.#offset + 1);
    this.#offset += 2;
    const shape: number[] = [];
    for (let i = 0; i < rank; i++) shape.push(this.#uint32());
    const sizeBytes = this.#uint32();
    const end = this.#offset + sizeBytes;
    if (datatype === undefined || !isDataType(datatype) || end > this.buffer.length) return undefined;
    const data = DATA_TYPES[datatype].array === null ? this.#strings(end) : this.#numbers(datatype, shape, end);
    if (data === undefined || data.length !== elementCount(shape) || this.#offset !== end) return undefined;
    return { datatype, shape, data };
  }

  #numbers(datatype: DataType, shape: readonly number[], end: number): Tensor['data'] | undefined {
    const { array } = DATA_TYPES[datatype];
    const sizeBytes = end - this.#offset;
    // Checked before the copy, which must be of whole elements.
    if (array === null || elementCount(shape) * array.BYTES_PER_ELEMENT !== sizeBytes) return undefined;
    const from = this.buffer.byteOffset + this.#offset;
    this.#offset = end;
    return new array(this.buffer.buffer.slice(from, from + sizeBytes));
  }

  #strings(end: number): string[] {
    const strings: string[] = [];
    while (this.#offset < end) {
      const length = this.#uint32();
      strings.push(this.buffer.toString('utf8', this.#offset, this.#offset + length));
      this.#offset += length;
    }
    return strings;
  }

  #uint32(): number {
    const value = this.buffer.readUInt32LE(this.#offset);
    this.#offset += 4;
    return value;
  }
}

function elementBytes({ data }: Tensor): Uint8Array {
  if (!Array.isArray(data)) return bytesOf(data);
  const parts: Buffer[] = [];
  for (const text of data) {
    const bytes = Buffer.from(text);
    const length = Buffer.allocUnsafe(4);
    length.writeUInt32LE(bytes.length);
    parts.push(length, bytes);
  }
  return Buffer.concat(parts);
}
