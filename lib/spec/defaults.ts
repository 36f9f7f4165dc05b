import { isObject, keyword } from './describe';
import { alternativesOf, meantAlternative } from './unions';

/**
 * The value with the `default` of every property that is left out, as deep as the schema goes. Values of the wrong kind
 * stay as they are. (The validator's own function passes over the entries of records.)
 * Inside a union, defaults are filled in where the value is surely meant for one alternative.
 */
export function withDefaults(schema: unknown, value: unknown): unknown {
  if (value === undefined) {
    const initial = keyword(schema, 'default');
    return initial === undefined ? undefined : withDefaults(schema, initial);
  }
  const alternatives = alternativesOf(schema);
  if (alternatives.length > 0) {
    const meant = meantAlternative(schema, value);
    return meant === undefined ? value : withDefaults(alternatives[meant], value);
  }
  if (Array.isArray(value)) {
    const items = keyword(schema, 'items');
    return value.map((item) => withDefaults(items, item));
  }
  return isObject(value) ? objectWithDefaults(schema, value) : value;
}

function objectWithDefaults(schema: unknown, value: Record<string, unknown>): Record<string, unknown> {
  const properties = Object(keyword(schema, 'properties'));
  const patterns = Object.entries(Object(keyword(schema, 'patternProperties')));
  const filled: Record<string, unknown> = {};
  for (const [key, given] of Object.entries(value)) {
    const entrySchema =
      keyword(properties, key) ?? patterns.find(([pattern]) => new RegExp(pattern, 'u').test(key))?.[1];
    filled[key] = withDefaults(entrySchema, given);
  }
  for (const [key, property] of Object.entries(properties)) {
    const initial = Object.hasOwn(filled, key) ? undefined : withDefaults(property, undefined);
    if (initial !== undefined) filled[key] = initial;
  }
  return filled;
}
