import type { TensorSpec } from '../tensor';

/** Longest piece of a caller's text that an error message repeats. */
const MAX_QUOTED_CHARS = 60;
/** How many names an error message lists before it only counts the rest. */
const MAX_LISTED_NAMES = 8;

export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A caller's text on one line, so that a message stays one line in any log. */
export function onOneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
}

/** A caller's text in quotes, cut where it is long. */
export function quoted(text: string): string {
  return text.length > MAX_QUOTED_CHARS ? `'${onOneLine(text.slice(0, MAX_QUOTED_CHARS))}…'` : `'${onOneLine(text)}'`;
}

/** What a JSON value is, for an error message: scalars as they are, of arrays and objects only the kind. */
export function described(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return String(value);
  if (typeof value === 'string') return `the string ${quoted(value)}`;
  return Array.isArray(value) ? 'an array' : 'an object';
}

/** The names of inputs or outputs, for an error message. */
export function listedNames(specs: readonly TensorSpec[]): string {
  const names = specs.slice(0, MAX_LISTED_NAMES).map((spec) => quoted(spec.name));
  const more = specs.length - names.length;
  if (names.length === 0) return 'none';
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ');
}

/**
 * Position of the spec called `name`, or -1. `hint` is looked at first: callers mostly list inputs in the model's own
 * order, and then a model with hundreds of inputs costs no search.
 */
export function indexOfName(specs: readonly TensorSpec[], name: string, hint: number): number {
  if (specs[hint]?.name === name) return hint;
  return specs.findIndex((spec) => spec.name === name);
}
