import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeRow, encodeRow } from '../../../service/cache/row-codec';
import {
  allocate,
  bytesOf,
  DATA_TYPES,
  type DataType,
  elementCount,
  isDataType,
  type Tensor,
} from '../../../service/tensor';

const NUMERIC = Object.keys(DATA_TYPES)
  .filter(isDataType)
  .filter((name) => name !== 'BYTES');

const shapes = fc.array(fc.nat(4), { maxLength: 4 });

const numbers: fc.Arbitrary<Tensor> = fc
  .tuple(fc.constantFrom<DataType>(...NUMERIC), shapes, fc.infiniteStream(fc.nat(255)))
  .map(([datatype, shape, bytes]) => {
    const data = allocate(datatype, elementCount(shape));
    if (!Array.isArray(data)) bytesOf(data).set([...bytes.take(data.byteLength)]);
    return { datatype, shape, data };
  });

const strings: fc.Arbitrary<Tensor> = fc
  .array(fc.string({ unit: 'grapheme' }), { maxLength: 8 })
  .map((data) => ({ datatype: 'BYTES', shape: [data.length], data }));

const rows = fc.record({
  row: fc.array(fc.oneof(numbers, strings), { maxLength: 5 }),
  expiresMs: fc.double({ min: 0, max: 1e15, noNaN: true }),
  runMs: fc.float({ min: 0, noNaN: true }),
});

/** Bytes rather than numbers, because NaNs have payloads. */
function plain(row: readonly Tensor[]) {
  return row.map(({ datatype, shape, data }) => ({
    datatype,
    shape,
    data: Array.isArray(data) ? data : Buffer.from(bytesOf(data)).toString('hex'),
  }));
}

describe('rows as bytes', () => {
  test('come back as they were, bit by bit', () => {
    fc.assert(
      fc.property(rows, (kept) => {
        const decoded = decodeRow(encodeRow(kept));
        expect(decoded && { ...decoded, row: plain(decoded.row) }).toEqual({ ...kept, row: plain(kept.row) });
      }),
    );
  });

  test('share no memory with what was read', () => {
    const buffer = encodeRow({
      row: [{ datatype: 'FP32', shape: [1], data: Float32Array.of(1.5) }],
      expiresMs: 1,
      runMs: 1,
    });
    const decoded = decodeRow(buffer);
    buffer.fill(0);
    expect(decoded?.row[0]?.data).toEqual(Float32Array.of(1.5));
  });

  test('cut short anywhere, are none', () => {
    fc.assert(
      fc.property(rows, fc.nat(), (kept, cut) => {
        const buffer = encodeRow(kept);
        expect(decodeRow(buffer.subarray(0, cut % buffer.length))).toBeUndefined();
      }),
    );
  });

  test('with something behind them, are none', () => {
    fc.assert(
      fc.property(rows, (kept) => expect(decodeRow(Buffer.concat([encodeRow(kept), Buffer.of(0)]))).toBeUndefined()),
    );
  });

  test('of another version, are none', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 255 }), (kept, step) => {
        const buffer = encodeRow(kept);
        buffer.writeUInt8(((buffer[0] ?? 0) + step) % 256, 0);
        expect(decodeRow(buffer)).toBeUndefined();
      }),
    );
  });

  test('whatever the bytes are, reading them does not throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, isOurs) => {
        const buffer = Buffer.from(bytes);
        if (isOurs && buffer.length > 0) buffer.writeUInt8(encodeRow({ row: [], expiresMs: 0, runMs: 0 })[0] ?? 0, 0);
        decodeRow(buffer);
      }),
    );
  });
});
