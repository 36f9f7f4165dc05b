import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { parse } from 'yaml';

/** The part of `provenance` in a model.yaml that is read here. */
const Provenance = Type.Object({
  provenance: Type.Array(
    Type.Object({
      digest: Type.String(),
      technique: Type.String(),
      parent: Type.Object({ digest: Type.String() }),
    }),
  ),
});

/** How a version came out of another. */
export interface Origin {
  /** Of `headroom optimize`. */
  readonly technique: string;
  readonly parentDigest: string;
}

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
  if (!Value.Check(Provenance, document)) return undefined;
  const found = document.provenance.find((entry) => entry.digest === digest);
  return found && { technique: found.technique, parentDigest: found.parent.digest };
}
