import type { Feature } from './schema';

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
/** Spellings of truth values in tables, in lower case. */
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
  ['1', true],
  ['0', false],
]);

/**
 * What a cell of a table of text, such as CSV, says of a feature. Numbers and truth values may have blanks around them;
 * words are taken as they stand. What does not fit stays text, for the encoder to tell.
 *
 * @param type of the feature; undefined: the column is none
 * @returns undefined for an empty cell: the feature is left out
 */
export function cellValue(text: string, type: Feature['type'] | undefined): unknown {
  if (type !== 'number' && type !== 'integer' && type !== 'boolean') return text === '' ? undefined : text;
  const word = text.trim();
  if (word === '') return undefined;
  if (type === 'boolean') return BOOLEANS.get(word.toLowerCase()) ?? text;
  return NUMBER.test(word) ? Number(word) : text;
}
