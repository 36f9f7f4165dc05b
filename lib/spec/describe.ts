/** What a JSON Schema allows, and what was found instead, in the words of an error message. */
export function describeSchema(schema: unknown): string {
  const alternatives = keyword(schema, 'anyOf');
  if (Array.isArray(alternatives)) return describeUnion(alternatives);
  const values = allowedValues(schema);
  if (values !== undefined) return describeValues(values);
  // Of a mapping it is the pattern of its keys.
  const message = keyword(schema, 'type') === 'object' ? undefined : keyword(schema, 'patternErrorMessage');
  if (typeof message === 'string') return message;
  switch (keyword(schema, 'type')) {
    case 'integer':
      return `a whole number${describeRange(schema)}`;
    case 'number':
      return `a number${describeRange(schema)}`;
    case 'string':
      return `text${describeLength(schema, 'minLength', 'maxLength', 'character')}${describePattern(schema)}`;
    case 'boolean':
      return 'true or false';
    case 'null':
      return 'nothing';
    case 'array':
      return `a list${describeLength(schema, 'minItems', 'maxItems', 'item')}${describeItems(schema)}`;
    case 'object':
      return `a mapping${describeProperties(schema)}`;
    default:
      return 'another value';
  }
}

/** The values of `const` or `enum`, or undefined for a schema that does not list its values. */
export function allowedValues(schema: unknown): readonly unknown[] | undefined {
  const constant = keyword(schema, 'const');
  if (constant !== undefined) return [constant];
  const values = keyword(schema, 'enum');
  return Array.isArray(values) ? values : undefined;
}

/** `one of a, b, c`, or the value itself where there is only one. */
export function describeValues(values: readonly unknown[]): string {
  const text = values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join(', ');
  return values.length === 1 ? text : `one of ${text}`;
}

/** A value as an error message shows it: short values literally, long ones by their kind. */
export function describeFound(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object') return 'a mapping';
  if (typeof value === 'string') return value.length > 80 ? `'${value.slice(0, 80)}…'` : `'${value}'`;
  return String(value);
}

/** One keyword of a schema, or undefined where the schema does not have it. */
export function keyword(schema: unknown, name: string): unknown {
  return isObject(schema) && Object.hasOwn(schema, name) ? schema[name] : undefined;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describeUnion(alternatives: readonly unknown[]): string {
  const values = alternatives.map(allowedValues);
  if (values.every((list) => list !== undefined)) return describeValues(values.flat());
  return [...new Set(alternatives.map(describeSchema))].join(' or ');
}

function describeRange(schema: unknown): string {
  const minimum = keyword(schema, 'minimum');
  const maximum = keyword(schema, 'maximum');
  const above = keyword(schema, 'exclusiveMinimum');
  const below = keyword(schema, 'exclusiveMaximum');
  const multiple = keyword(schema, 'multipleOf');
  const step = multiple === undefined ? '' : ` that is a multiple of ${multiple}`;
  if (minimum !== undefined && maximum !== undefined) return `${step} from ${minimum} to ${maximum}`;
  const bounds = [
    minimum === undefined ? [] : [`at least ${minimum}`],
    above === undefined ? [] : [`above ${above}`],
    maximum === undefined ? [] : [`at most ${maximum}`],
    below === undefined ? [] : [`below ${below}`],
  ].flat();
  return bounds.length === 0 ? step : `${step} ${bounds.join(' and ')}`;
}

function describeLength(schema: unknown, minKeyword: string, maxKeyword: string, unit: string): string {
  const min = keyword(schema, minKeyword);
  const max = keyword(schema, maxKeyword);
  if (min !== undefined && max !== undefined) return ` of ${min} to ${max} ${unit}s`;
  const counted = (count: unknown) => `${count} ${unit}${count === 1 ? '' : 's'}`;
  if (min !== undefined) return ` of at least ${counted(min)}`;
  return max === undefined ? '' : ` of at most ${counted(max)}`;
}

function describePattern(schema: unknown): string {
  const pattern = keyword(schema, 'pattern');
  if (pattern === undefined) return '';
  return ` that matches ${pattern instanceof RegExp ? pattern : `/${pattern}/`}`;
}

function describeItems(schema: unknown): string {
  const items = keyword(schema, 'items');
  const unique = keyword(schema, 'uniqueItems') === true ? ' without repetition' : '';
  return items === undefined ? unique : `, each ${describeSchema(items)}${unique}`;
}

function describeProperties(schema: unknown): string {
  const properties = keyword(schema, 'properties');
  if (isObject(properties)) return ` with ${describeKeys(Object.keys(properties), keyword(schema, 'required'))}`;
  const [entry] = Object.values(Object(keyword(schema, 'patternProperties')));
  return entry === undefined ? '' : ` of names, each for ${describeSchema(entry)}`;
}

/** The keys of a mapping, those that may be left out apart where others may not. */
function describeKeys(keys: readonly string[], required: unknown): string {
  const needed = Array.isArray(required) ? keys.filter((key) => required.includes(key)) : [];
  if (needed.length === 0) return keys.join(', ');
  const optional = keys.filter((key) => !needed.includes(key));
  return optional.length === 0 ? keys.join(', ') : `${needed.join(', ')} (optional: ${optional.join(', ')})`;
}
