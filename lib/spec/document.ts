import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { withDefaults } from './defaults';
import { DocumentError, type Mistake } from './errors';
import { explain, type Finding } from './explain';
import { childPath, childPointer, type Place, readTree, type Tree } from './tree';

/** Path of a value inside a document, from the top: `['models', 'fraud-detection', 'peakQps']`. */
export type DocumentPath = readonly (string | number)[];

/** The text that a value comes from, so that what is found wrong with it later is told with its line. */
export interface DocumentSource {
  readonly file: string;
  /** A mistake at a value of the document, or at the nearest mapping around it where it is left out. */
  mistakeAt(path: DocumentPath, message: string): Mistake;
}

/** A document as read, good or bad, for callers that have rules of their own beyond the schema. */
export interface Document {
  /** The content with the schema's defaults; of no certain shape as long as there are mistakes. */
  readonly value: unknown;
  readonly mistakes: readonly Mistake[];
  /** A mistake at a value of the document, or at the nearest mapping around it where it is left out. */
  mistakeAt(path: DocumentPath, message: string): Mistake;
}

/**
 * Reads YAML text against a TypeBox schema and reports mistakes instead of throwing; {@link acceptDocument} throws them.
 * Unknown keys are refused where the schema says `additionalProperties: false`. A string schema may carry
 * `patternErrorMessage`, the words for what its pattern means; so may a record, for the pattern of its keys.
 */
export function readDocument(schema: TSchema, text: string): Document {
  const tree = readTree(text);
  const mistakeAt = (path: DocumentPath, message: string): Mistake => {
    const { place, rest } = nearest(tree, path);
    const at = rest.length === 0 ? place.value : place.key;
    return { ...at, path: rest.reduce<string>(childPath, place.path), message };
  };
  if (tree.broken) return { value: null, mistakes: tree.mistakes, mistakeAt };
  const value = withDefaults(schema, tree.value);
  const found = explain(schema, value).map((finding) => locate(tree, finding));
  return { value, mistakes: [...tree.mistakes, ...found], mistakeAt };
}

/** The typed value of a document, given what else was found wrong with it. */
export function acceptDocument<const S extends TSchema>(
  schema: S,
  { value, mistakes }: Document,
  file: string,
  furtherMistakes: readonly Mistake[] = [],
): Static<S> {
  const all = [...mistakes, ...furtherMistakes];
  if (all.length > 0) throw new DocumentError(file, all);
  if (Value.Check(schema, value)) return value;
  throw new DocumentError(file, [{ line: 1, column: 1, path: '', message: 'does not match its schema' }]);
}

function locate(tree: Tree, { pointer, at, missing, message }: Finding): Mistake {
  const place = tree.places.get(pointer) ?? START;
  if (missing !== undefined) return { ...place.key, path: childPath(place.path, missing), message };
  return { ...(at === 'key' ? place.key : place.value), path: place.path, message };
}

/** The place of the value or of the innermost mapping around it that the text contains, and what is left of the path. */
function nearest(tree: Tree, path: DocumentPath): { place: Place; rest: DocumentPath } {
  for (let length = path.length; length > 0; length--) {
    const place = tree.places.get(path.slice(0, length).reduce<string>(childPointer, ''));
    if (place !== undefined) return { place, rest: path.slice(length) };
  }
  return { place: tree.places.get('') ?? START, rest: path };
}

const START: Place = { path: '', key: { line: 1, column: 1 }, value: { line: 1, column: 1 } };
