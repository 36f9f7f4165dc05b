import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import { isObject } from '../../../lib/spec/describe';

/** A row of a feature file: entity, features, and perhaps the time at which they were computed. */
export type FeatureRow = Readonly<Record<string, unknown>>;

/**
 * The rows of a file with a JSON object on each line; empty lines are none.
 * @throws Error naming the line that is none
 */
export async function* readJsonlRows(path: string): AsyncGenerator<FeatureRow> {
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    number++;
    if (line.trim() !== '') yield parseRow(line, `${basename(path)}:${number}`);
  }
}

function parseRow(line: string, where: string): FeatureRow {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new Error(`${where} is not JSON`);
  }
  if (isObject(value)) return value;
  throw new Error(`${where} is not an object with an entity and its features`);
}
