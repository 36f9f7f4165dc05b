import type { TSchema } from 'typebox';
import type { TLocalizedValidationError } from 'typebox/error';
import { Settings } from 'typebox/system';
import { Value } from 'typebox/value';
import { didYouMean } from './closest';
import { allowedValues, describeFound, describeSchema, isObject, keyword } from './describe';
import { childPointer } from './tree';
import { alternativesOf, commonTag, meantAlternative } from './unions';

/** One way in which a value breaks its schema. */
export interface Finding {
  /** JSON pointer of the value; for a missing one, of the mapping that should hold it. */
  readonly pointer: string;
  /** Which part of the text is wrong: the key, the value, or neither because it is missing. */
  readonly at: 'key' | 'value';
  /** Name of the property that is missing from the mapping at `pointer`. */
  readonly missing?: string;
  readonly message: string;
}

/** The library keeps 8 errors unless told otherwise; a person wants to hear of all of them. */
const MAX_ERRORS = 10_000;

/** Everything that is wrong with a value to which the schema's defaults have been applied. */
export function explain(schema: TSchema, value: unknown): Finding[] {
  const findings = new Map<string, Finding>();
  for (const error of relevantErrors(schema, value, allErrors(schema, value))) {
    for (const finding of explainError(schema, value, error)) {
      const key = JSON.stringify([finding.pointer, finding.at, finding.missing]);
      if (!findings.has(key)) findings.set(key, finding);
    }
  }
  return [...findings.values()];
}

/** The value or schema at a JSON pointer, or undefined where there is none. */
export function valueAt(root: unknown, pointer: string): unknown {
  let current = root;
  for (const segment of pointer.split('/').slice(1)) {
    const key = segment.replaceAll('~1', '/').replaceAll('~0', '~');
    current = Array.isArray(current) ? current[Number(key)] : keyword(current, key);
  }
  return current;
}

function allErrors(schema: TSchema, value: unknown): TLocalizedValidationError[] {
  // The limit is global to the library, so it is raised for this call only.
  const { maxErrors } = Settings.Get();
  Settings.Set({ maxErrors: MAX_ERRORS });
  try {
    return Value.Errors(schema, value);
  } finally {
    Settings.Set({ maxErrors });
  }
}

function explainError(schema: TSchema, value: unknown, error: TLocalizedValidationError): Finding[] {
  const rule = valueAt(schema, error.schemaPath.slice(1));
  const pointer = error.instancePath;
  switch (error.keyword) {
    case 'required':
      return error.params.requiredProperties.flatMap((name) => explainMissing(rule, pointer, name));
    case 'additionalProperties':
      return error.params.additionalProperties.map((name) => explainUnknownKey(rule, pointer, name));
    case 'boolean':
      // Comes with `additionalProperties`, which names the key.
      return [];
    case 'anyOf':
      return [explainUnion(rule, pointer, valueAt(value, pointer))];
    case 'minProperties':
      return [{ pointer, at: 'value', message: `found too few entries, expected at least ${error.params.limit}` }];
    case 'maxProperties':
      return [{ pointer, at: 'value', message: `found too many entries, expected at most ${error.params.limit}` }];
    case '~refine':
      return [{ pointer, at: 'value', message: error.params.message }];
    default:
      return [explainValue(rule, pointer, valueAt(value, pointer))];
  }
}

function explainValue(rule: unknown, pointer: string, found: unknown): Finding {
  const words = allowedValues(rule)?.filter((word) => typeof word === 'string') ?? [];
  return { pointer, at: 'value', message: compare(describeFound(found), describeSchema(rule), found, words) };
}

function explainMissing(rule: unknown, pointer: string, name: string): Finding[] {
  const property = keyword(keyword(rule, 'properties'), name);
  // A default was not filled in because something else is wrong; the property may be left out.
  if (keyword(property, 'default') !== undefined) return [];
  return [{ pointer, at: 'key', missing: name, message: `is missing, expected ${describeSchema(property)}` }];
}

function explainUnknownKey(rule: unknown, pointer: string, name: string): Finding {
  const properties = keyword(rule, 'properties');
  const at = { pointer: childPointer(pointer, name), at: 'key' } as const;
  if (isObject(properties)) {
    const known = Object.keys(properties);
    return { ...at, message: compare(`the unknown key '${name}'`, `one of ${known.join(', ')}`, name, known) };
  }
  const message = keyword(rule, 'patternErrorMessage');
  const patterns = Object.keys(Object(keyword(rule, 'patternProperties')));
  const expected = typeof message === 'string' ? message : `a name that matches /${patterns.join('|')}/`;
  return { ...at, message: `found the name '${name}', expected ${expected}` };
}

function compare(found: string, expected: string, word: unknown, known: readonly string[]): string {
  return `found ${found}, expected ${expected}${typeof word === 'string' ? didYouMean(word, known) : ''}`;
}

/** Where the alternatives differ in one listed property, such as `type`, that property is to blame. */
function explainUnion(rule: unknown, pointer: string, found: unknown): Finding {
  const alternatives = alternativesOf(rule);
  const tag = isObject(found) ? commonTag(alternatives) : undefined;
  if (tag === undefined || !isObject(found)) return explainValue(rule, pointer, found);
  const values = alternatives.flatMap((schema) => allowedValues(keyword(keyword(schema, 'properties'), tag)) ?? []);
  const allowed = { enum: values };
  return Object.hasOwn(found, tag)
    ? explainValue(allowed, childPointer(pointer, tag), found[tag])
    : { pointer, at: 'key', missing: tag, message: `is missing, expected ${describeSchema(allowed)}` };
}

/**
 * The errors without those of alternatives that were not meant. A value that fails a union fails each of its
 * alternatives; only the errors of the one it comes nearest to help.
 */
function relevantErrors(
  schema: TSchema,
  value: unknown,
  errors: readonly TLocalizedValidationError[],
): readonly TLocalizedValidationError[] {
  const unions = errors.filter((error) => error.keyword === 'anyOf');
  unions.sort((a, b) => a.schemaPath.length - b.schemaPath.length);
  let kept = errors;
  for (const union of unions) {
    if (!kept.includes(union)) continue;
    const meant = meantAlternative(valueAt(schema, union.schemaPath.slice(1)), valueAt(value, union.instancePath));
    const prefix = `${union.schemaPath}/anyOf/`;
    const chosen = meant === undefined ? undefined : `${prefix}${meant}`;
    kept = kept.filter((error) => {
      if (error === union) return chosen === undefined;
      if (!error.schemaPath.startsWith(prefix) || !isWithin(error.instancePath, union.instancePath)) return true;
      return chosen !== undefined && isWithin(error.schemaPath, chosen);
    });
  }
  return kept;
}

function isWithin(pointer: string, ancestor: string): boolean {
  return pointer === ancestor || pointer.startsWith(`${ancestor}/`);
}
