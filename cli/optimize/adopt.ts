import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isSeq, parseDocument } from 'yaml';
import { artifactDigest, MODEL_FILE } from '../../lib/spec/artifact';
import type { Provenance } from '../../lib/spec/provenance';
import { parseModelDescription } from '../../service/model/description';
import { sha256OfFile } from '../../service/repository/digest';
import { DESCRIPTION_FILE, type ModelSource } from '../../service/repository/scan';
import { nextVersion, place } from '../model-folder/place';

/** What is to become of a model. */
export interface Adoption {
  /** Settings for model.yaml's `runtime`. */
  readonly runtime: Readonly<Record<string, string | number>>;
  /** A new version, where a file was recommended. */
  readonly file?:
    | { readonly path: string; readonly origin: Omit<Provenance[number], 'version' | 'digest'> }
    | undefined;
}

export interface Adopted {
  /** Undefined where only settings were written. */
  readonly version: number | undefined;
  readonly written: readonly string[];
}

/**
 * Writes a version and what model.yaml says of it, both or neither. No file of the original is changed but model.yaml.
 *
 * @throws UsageError where the result would not be a good model.yaml; then nothing was written
 * @throws an AbortError when the signal is aborted before; then nothing was written either
 */
export async function adopt(
  { modelDirectory, name }: ModelSource,
  { runtime, file }: Adoption,
  signal: AbortSignal,
): Promise<Adopted> {
  const provenance = file && {
    version: nextVersion(modelDirectory),
    digest: artifactDigest([{ name: MODEL_FILE, sha256: await sha256OfFile(file.path, signal) }]),
    ...file.origin,
  };
  const version = file && provenance && { number: provenance.version, modelPath: file.path };
  const descriptionPath = join(modelDirectory, DESCRIPTION_FILE);
  const text = existsSync(descriptionPath) ? readFileSync(descriptionPath, 'utf8') : '';
  const described = withChanges(text, { runtime, provenance });
  parseModelDescription(described, `${name}/${DESCRIPTION_FILE}`);
  const written = await place(modelDirectory, { version, files: { [DESCRIPTION_FILE]: described } }, signal);
  return { version: provenance?.version, written };
}

/**
 * The text of a model.yaml with other settings and one more provenance; comments and all else stay as they are.
 * @param text empty where there is none yet
 */
export function withChanges(
  text: string,
  { runtime, provenance }: { runtime: Adoption['runtime']; provenance: Provenance[number] | undefined },
): string {
  const document = parseDocument(text);
  for (const [key, value] of Object.entries(runtime)) document.setIn(['runtime', key], value);
  if (provenance !== undefined) {
    const known = document.get('provenance');
    if (isSeq(known)) known.add(document.createNode(provenance));
    else document.set('provenance', document.createNode([provenance]));
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}
