import type { Feature } from '../model/schema';

/** A record of CSV, in which everything is text, as an instance with values of the features' types. */
export type CsvTyping = (record: Readonly<Record<string, string>>) => Record<string, unknown>;

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
]);

/**
 * Reads columns by the types that a model's description gives its features. What does not fit stays text, for the
 * encoder to tell; an empty field is a feature left out.
 */
export function csvTyping(features: readonly Feature[]): CsvTyping {
  const types = new Map(features.map(({ name, type }) => [name, type]));
  return (record) => {
    const instance: Record<string, unknown> = Object.create(null);
    for (const [name, text] of Object.entries(record)) {
      if (text !== '') instance[name] = typedValue(text, types.get(name));
    }
    return instance;
  };
}

function typedValue(text: string, type: Feature['type'] | undefined): unknown {
  if ((type === 'number' || type === 'integer') && NUMBER.test(text.trim())) return Number(text);
  if (type === 'boolean') return BOOLEANS.get(text.trim().toLowerCase()) ?? text;
  return text;
}
