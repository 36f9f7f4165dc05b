import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { parse } from 'yaml';
import { type Provenance, ProvenanceSchema } from '../spec/provenance';

const Described = Type.Object({ provenance: ProvenanceSchema });

/** How a version came out of another. */
export type Origin = Provenance[number];

/**
 * What model.yaml says of the version with a digest; undefined where it says nothing, or is no good: whether it is,
 * those tell who serve it.
 * @param folder of the model
 */
export function madeFrom(folder: string, digest: string): Origin | undefined {
  const file = join(folder, 'model.yaml');
  if (!existsSync(file)) return undefined;
  let document: unknown;
  try {
    document = parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
  if (!Value.Check(Described, document)) return undefined;
  return document.provenance.find((entry) => entry.digest === digest);
}
