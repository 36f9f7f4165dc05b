import { parse } from 'lossless-json';
import { badRequest } from '../errors';
import { isJsonObject } from './describe';

/**
 * The numbers of a request's JSON as they were written. `JSON.parse` rounds integers beyond 2^53, so only a request
 * that has one is read a second time, at most once, by a slower parser that keeps the text of every number.
 */
export class ExactIntegers {
  readonly #json: string;
  #inputs: readonly unknown[] | undefined;

  /** @param json text that `JSON.parse` accepts */
  constructor(json: string) {
    this.#json = json;
  }

  /** `data` of the input at `position` in the request, with the text of each number in the place of the number. */
  dataOf(position: number): unknown {
    this.#inputs ??= readInputs(this.#json);
    const input = this.#inputs[position];
    return isJsonObject(input) ? input.data : undefined;
  }
}

function readInputs(json: string): readonly unknown[] {
  let request: unknown;
  try {
    request = parse(json, null, {
      parseNumber: (text) => text,
      onDuplicateKey: ({ newValue }) => newValue,
    });
  } catch (error) {
    // The text is valid JSON by contract, so only its depth can defeat the recursive parser.
    if (error instanceof RangeError) throw badRequest('the body is nested too deeply to read integers beyond 2^53');
    throw error;
  }
  const inputs = isJsonObject(request) ? request.inputs : undefined;
  return Array.isArray(inputs) ? inputs : [];
}

/**
 * The exact value of a JSON number, or undefined where it is no integer: `1e18` and `10.0` are integers as well.
 *
 * @param text a JSON number whose magnitude is below 2^65, so that its exponent cannot make the result large
 */
export function exactInteger(text: string): bigint | undefined {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const shift = Number(exponent) - fraction.length;
  const digits = BigInt(whole + fraction);
  if (shift >= 0) return digits * 10n ** BigInt(shift);
  const divisor = 10n ** BigInt(-shift);
  return digits % divisor === 0n ? digits / divisor : undefined;
}
