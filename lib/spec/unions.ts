import { allowedValues, isObject, keyword } from './describe';

/** Index of the alternative that a value is surely meant for: by its tag, or as the only one of its kind. */
export function meantAlternative(rule: unknown, found: unknown): number | undefined {
  const alternatives = alternativesOf(rule);
  const tag = commonTag(alternatives);
  const fitting = [...alternatives.keys()].filter((index) => {
    const alternative = alternatives[index];
    if (!isOfType(found, keyword(alternative, 'type'))) return false;
    if (tag === undefined || !isObject(found)) return true;
    return allowedValues(keyword(keyword(alternative, 'properties'), tag))?.includes(found[tag]) === true;
  });
  return fitting.length === 1 ? fitting[0] : undefined;
}

/** The property for which every alternative lists its values, such as `type`. */
export function commonTag(alternatives: readonly unknown[]): string | undefined {
  const objects = alternatives.filter((schema) => keyword(schema, 'type') === 'object');
  const [first] = objects;
  return Object.keys(Object(keyword(first, 'properties'))).find((name) =>
    objects.every((schema) => allowedValues(keyword(keyword(schema, 'properties'), name)) !== undefined),
  );
}

/** The alternatives of a union; none for any other schema. */
export function alternativesOf(rule: unknown): readonly unknown[] {
  const alternatives = keyword(rule, 'anyOf');
  return Array.isArray(alternatives) ? alternatives : [];
}

function isOfType(value: unknown, type: unknown): boolean {
  if (value === null) return type === 'null';
  if (Array.isArray(value)) return type === 'array';
  return typeof value === 'number' ? type === 'number' || type === 'integer' : typeof value === type;
}
