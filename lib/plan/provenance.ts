import { Type } from 'typebox';
import { type Provenance, ProvenanceSchema } from '../spec/provenance';
import { readModelYaml } from './model-yaml';

const Described = Type.Object({ provenance: ProvenanceSchema });

/** How a version came out of another. */
export type Origin = Provenance[number];

/**
 * What model.yaml says of the version with a digest; undefined where it says nothing.
 * @param folder of the model
 */
export function madeFrom(folder: string, digest: string): Origin | undefined {
  return readModelYaml(folder, Described)?.provenance.find((entry) => entry.digest === digest);
}
