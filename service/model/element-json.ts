import { numberOfHalf } from '../float16';
import type { DataType } from '../tensor';
import { jsonOfNumber, shortestFloat16, shortestFloat32 } from './decimal';

/** JSON text of one element of a tensor's data. */
export type ElementJson = (element: number | bigint | string | undefined) => string;

/**
 * How elements of a datatype are written: numbers as the shortest decimal that gives the same element again, NaN and
 * infinities as strings, BOOL as true and false, BYTES as text.
 */
export function elementJson(datatype: DataType): ElementJson {
  switch (datatype) {
    case 'FP32':
      return (element) => jsonOfNumber(shortestFloat32(Number(element)));
    case 'FP16':
      return (element) => jsonOfNumber(shortestFloat16(numberOfHalf(Number(element))));
    case 'FP64':
      return (element) => jsonOfNumber(Number(element));
    case 'BOOL':
      return (element) => (element ? 'true' : 'false');
    case 'BYTES':
      return (element) => JSON.stringify(element);
    default:
      return String;
  }
}
