import { isUtf8 } from 'node:buffer';
import { counted } from '../../lib/spec/counted';
import { badRequest } from '../errors';
import { bytesOf, DATA_TYPES, elementCount, type Tensor, type TensorData, type TensorSpec } from '../tensor';
import { shapeText } from './shape';
import { checkText } from './text';

/** Bytes of the length that stands in front of each element of BYTES. */
const LENGTH_BYTES = 4;

/**
 * Elements of an input from raw little-endian bytes, which is the order of every machine that Node and ONNX Runtime
 * support together.
 *
 * @param shape checked against `spec`
 * @param bytes exactly the bytes of this input
 * @returns a view of `bytes` where their address is a multiple of the element's size, else a copy
 * @throws ServiceError 400 naming the input where the bytes are not what the shape and the datatype ask for
 */
export function decodeBinaryData(spec: TensorSpec, shape: readonly number[], bytes: Buffer): TensorData {
  const { array: NumericArray } = DATA_TYPES[spec.datatype];
  const count = elementCount(shape);
  if (NumericArray === null) return decodeStrings(spec, count, bytes);
  const size = NumericArray.BYTES_PER_ELEMENT;
  if (bytes.length !== count * size) {
    throw badRequest(
      `input '${spec.name}' has ${bytes.length} bytes of binary data, expected ${count * size} for ${spec.datatype} of shape ${shapeText(shape)}`,
    );
  }
  if (spec.datatype === 'BOOL') checkBooleans(spec, bytes);
  if (bytes.byteOffset % size === 0) return new NumericArray(bytes.buffer, bytes.byteOffset, count);
  const copy = new NumericArray(count);
  bytesOf(copy).set(bytes);
  return copy;
}

function checkBooleans(spec: TensorSpec, bytes: Buffer): void {
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte !== 0 && byte !== 1) {
      throw badRequest(`input '${spec.name}' is BOOL, but byte ${i} is ${byte}, expected 0 or 1`);
    }
  }
}

function decodeStrings(spec: TensorSpec, count: number, bytes: Buffer): string[] {
  const strings: string[] = [];
  let offset = 0;
  while (offset < bytes.length && strings.length < count) {
    const at = strings.length;
    if (bytes.length - offset < LENGTH_BYTES) {
      throw badRequest(`input '${spec.name}' ends within the length of element ${at}`);
    }
    const start = offset + LENGTH_BYTES;
    const end = start + bytes.readUInt32LE(offset);
    if (end > bytes.length) {
      throw badRequest(
        `input '${spec.name}' declares ${end - start} bytes for element ${at}, but only ${bytes.length - start} remain`,
      );
    }
    strings.push(decodeString(spec, at, bytes.subarray(start, end)));
    offset = end;
  }
  if (strings.length < count) {
    throw badRequest(
      `input '${spec.name}' has binary data for ${counted(strings.length, 'element')}, expected ${count}`,
    );
  }
  if (offset < bytes.length) {
    throw badRequest(`input '${spec.name}' has ${bytes.length - offset} bytes behind its last element`);
  }
  return strings;
}

/** One element of BYTES: it becomes a string of the model, so it must be valid UTF-8. */
export function decodeString(spec: TensorSpec, at: number, bytes: Buffer): string {
  if (!isUtf8(bytes)) throw badRequest(`input '${spec.name}' has element ${at} that is not valid UTF-8`);
  const text = bytes.toString('utf8');
  checkText(text, spec, at);
  return text;
}

/** Size of a tensor as raw bytes. */
export function binarySizeBytes({ data }: Tensor): number {
  if (!Array.isArray(data)) return data.byteLength;
  let size = 0;
  for (const text of data) size += LENGTH_BYTES + Buffer.byteLength(text);
  return size;
}

/** Writes a tensor as raw bytes into `target` and returns the offset behind them. */
export function writeBinaryData({ data }: Tensor, target: Buffer, offset: number): number {
  if (!Array.isArray(data)) {
    target.set(bytesOf(data), offset);
    return offset + data.byteLength;
  }
  let end = offset;
  for (const text of data) {
    const start = end + LENGTH_BYTES;
    const size = target.write(text, start);
    target.writeUInt32LE(size, end);
    end = start + size;
  }
  return end;
}
