import { isObject, keyword } from './describe';

/**
 * The JSON Schema (draft 7, which editors know best) of a document as people write it: what has a default may be left
 * out, while the definition it is made of describes the document with the defaults filled in.
 */
export function publishedSchema(definition: object): Record<string, unknown> {
  return { $schema: 'http://json-schema.org/draft-07/schema#', ...asWritten(definition) };
}

function asWritten(schema: object): Record<string, unknown> {
  const written: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'required' && Array.isArray(value)) {
      const required = value.filter((name) => !hasDefault(keyword(schema, 'properties'), name));
      if (required.length > 0) written[key] = required;
    } else {
      written[key] = key === 'default' ? value : convert(value);
    }
  }
  return written;
}

function convert(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(convert);
  return isObject(value) ? asWritten(value) : value;
}

function hasDefault(properties: unknown, name: unknown): boolean {
  return keyword(keyword(properties, String(name)), 'default') !== undefined;
}
