import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { parse } from 'yaml';

/**
 * The part of a model.yaml that a plan reads; undefined where there is none, or it is no good: whether it is, those tell
 * who serve it.
 * @param folder of the model
 */
export function readModelYaml<Part extends TSchema>(folder: string, part: Part): Static<Part> | undefined {
  const file = join(folder, 'model.yaml');
  if (!existsSync(file)) return undefined;
  let document: unknown;
  try {
    document = parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
  return Value.Check(part, document) ? document : undefined;
}
