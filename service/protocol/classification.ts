import { valuesOf } from '../float16';
import type { DataType, Tensor } from '../tensor';

/** Decimal digits that tell every half-precision value from its neighbours. */
const FP16_DIGITS = 5;
/** The same for single precision, and the digits that always survive it. */
const FP32_DIGITS = 9;
const FP32_SURE_DIGITS = 6;

/**
 * The classification extension: the `count` highest values of each row as BYTES `"value:index"`, or
 * `"value:index:label"` where the label is known, best first; of equal values the lower index comes first, NaN last.
 *
 * A tensor of rank 2 or more has rows in its first dimension and gives shape [rows, count]; one of lower rank is a
 * single row and gives shape [count]. `count` is cut to the number of classes.
 *
 * @param tensor of numbers: `parseInferRequest` refuses to classify strings
 */
export function classify(tensor: Tensor, count: number, labels: readonly string[] = []): Tensor {
  const { datatype, shape, data } = tensor;
  if (Array.isArray(data)) throw new TypeError('strings have no order to classify by');
  const rows = shape.length < 2 ? 1 : (shape[0] ?? 0);
  const classes = rows === 0 ? 0 : data.length / rows;
  const kept = Math.min(count, classes);
  const strings: string[] = [];
  for (let row = 0; row < rows; row++) {
    const values = valuesOf(datatype, data.subarray(row * classes, (row + 1) * classes));
    const best = [...values.entries()].sort(([i, a], [j, b]) => descending(a, b) || i - j).slice(0, kept);
    for (const [index, value] of best) {
      const label = labels[index];
      strings.push(`${valueText(datatype, value)}:${index}${label === undefined ? '' : `:${label}`}`);
    }
  }
  return { datatype: 'BYTES', shape: shape.length < 2 ? [kept] : [rows, kept], data: strings };
}

/** Order for sorting, highest first. NaN comes last: as `b` it falls through to -1, for no value is less than it. */
function descending(a: number | bigint, b: number | bigint): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1;
  if (a === b) return 0;
  return a < b ? 1 : -1;
}

/** The value as a person writes it: 0.7 where its exact double is 0.699999988079071. */
function valueText(datatype: DataType, value: number | bigint): string {
  if (typeof value === 'bigint' || !Number.isFinite(value)) return String(value);
  if (datatype === 'FP16') return String(Number(value.toPrecision(FP16_DIGITS)));
  if (datatype !== 'FP32') return String(value);
  for (let digits = FP32_SURE_DIGITS; digits < FP32_DIGITS; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(Number(value.toPrecision(FP32_DIGITS)));
}
