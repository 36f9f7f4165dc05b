import { halfOf, numberOfHalf } from '../../service/float16';
import { cellValue } from '../../service/model/cell-value';
import { exactInteger } from '../../service/protocol/exact-integers';
import { type DataType, INTEGER_RANGES, type TensorData } from '../../service/tensor';

/** An integer of any size; with so few digits, no exponent makes it one that takes long to compute. */
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;

/**
 * Puts a cell of a table into a tensor: a value of JSON or Parquet, or the text of one.
 * @returns false, without an effect, where the datatype cannot hold it as it stands
 */
export function putElement(datatype: DataType, data: TensorData, at: number, cell: unknown): boolean {
  const element = elementOf(datatype, cell);
  if (element === undefined) return false;
  if (Array.isArray(data)) data[at] = String(element);
  else if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[at] = BigInt(element);
  else data[at] = Number(element);
  return true;
}

/** What a tensor of this type takes, in words. */
export function elementsOf(datatype: DataType): string {
  if (datatype === 'BYTES') return 'texts';
  if (datatype === 'BOOL') return 'true or false, 1 or 0';
  const range = INTEGER_RANGES[datatype];
  if (range === undefined) return `numbers that ${datatype} can hold`;
  const [min, max] = range;
  const hint = max > Number.MAX_SAFE_INTEGER ? `; in JSON, those beyond ${Number.MAX_SAFE_INTEGER} as texts` : '';
  return `whole numbers from ${min} to ${max}${hint}`;
}

function elementOf(datatype: DataType, cell: unknown): string | number | bigint | undefined {
  if (datatype === 'BYTES') return isPlain(cell) ? String(cell) : undefined;
  if (datatype === 'BOOL') return truthOf(cell);
  const range = INTEGER_RANGES[datatype];
  if (range === undefined) return floatOf(datatype, cell);
  const integer = integerOf(cell);
  return integer !== undefined && integer >= range[0] && integer <= range[1] ? integer : undefined;
}

function isPlain(cell: unknown): cell is string | number | bigint | boolean {
  return ['string', 'number', 'bigint', 'boolean'].includes(typeof cell);
}

function truthOf(cell: unknown): number | undefined {
  const value = isPlain(cell) ? cellValue(String(cell), 'boolean') : undefined;
  return typeof value === 'boolean' ? Number(value) : undefined;
}

function integerOf(cell: unknown): bigint | undefined {
  if (typeof cell === 'bigint') return cell;
  if (typeof cell === 'boolean') return BigInt(cell);
  // A larger one was rounded when it was read.
  if (typeof cell === 'number') return Number.isSafeInteger(cell) ? BigInt(cell) : undefined;
  if (typeof cell !== 'string' || !DECIMAL.test(cell.trim())) return undefined;
  return exactInteger(cell.trim().replace('+', ''));
}

/** Rounded to what the type holds, as each number of a float is, but not to infinity. */
function floatOf(datatype: DataType, cell: unknown): number | undefined {
  const value = typeof cell === 'string' ? cellValue(cell, 'number') : isPlain(cell) ? Number(cell) : undefined;
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
  if (datatype === 'FP16') {
    const bits = halfOf(value);
    return Number.isFinite(numberOfHalf(bits)) ? bits : undefined;
  }
  return datatype === 'FP32' && !Number.isFinite(Math.fround(value)) ? undefined : value;
}
