import { cellValue } from '../model/cell-value';
import type { Feature } from '../model/schema';

/** A record of CSV, in which everything is text, as an instance with values of the features' types. */
export type CsvTyping = (record: Readonly<Record<string, string>>) => Record<string, unknown>;

/** Reads columns by the types that a model's description gives its features. */
export function csvTyping(features: readonly Feature[]): CsvTyping {
  const types = new Map(features.map(({ name, type }) => [name, type]));
  return (record) => {
    const instance: Record<string, unknown> = Object.create(null);
    for (const [name, text] of Object.entries(record)) {
      const value = cellValue(text, types.get(name));
      if (value !== undefined) instance[name] = value;
    }
    return instance;
  };
}
