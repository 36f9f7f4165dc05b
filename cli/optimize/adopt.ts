import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isSeq, parseDocument } from 'yaml';
import { parseModelDescription } from '../../service/model/description';
import type { Provenance } from '../../service/model/provenance-schema';
import { digestArtifact } from '../../service/repository/digest';
import { MODEL_FILE, type ModelSource } from '../../service/repository/scan';
import { UsageError } from '../errors';

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

const DESCRIPTION = 'model.yaml';

/**
 * Writes a version and what model.yaml says of it. All is made beside its place first; then two renames, with nothing
 * between them that could be interrupted, put it there. No file of the original is changed but model.yaml.
 *
 * @throws UsageError where the result would not be a good model.yaml; then nothing was written
 */
export async function adopt({ modelDirectory, name }: ModelSource, { runtime, file }: Adoption): Promise<Adopted> {
  // Hidden, so that no service takes it for a version.
  const staging = join(modelDirectory, `.headroom-adopt-${process.pid}`);
  mkdirSync(staging);
  try {
    const descriptionPath = join(modelDirectory, DESCRIPTION);
    const text = existsSync(descriptionPath) ? readFileSync(descriptionPath, 'utf8') : '';
    const version = file === undefined ? undefined : await nextVersion(modelDirectory);
    let provenance: Provenance[number] | undefined;
    if (file !== undefined && version !== undefined) {
      copyFileSync(file.path, join(staging, MODEL_FILE));
      const { digest } = await digestArtifact(staging, [MODEL_FILE]);
      provenance = { version, digest, ...file.origin };
    }
    const described = withChanges(text, { runtime, provenance });
    parseModelDescription(described, `${name}/${DESCRIPTION}`);
    const stagedDescription = `${staging}.yaml`;
    writeFileSync(stagedDescription, described);
    // From here on without a pause: an interrupt is taken notice of when both are done.
    if (version !== undefined) moveVersion(staging, join(modelDirectory, String(version)));
    renameSync(stagedDescription, descriptionPath);
    const versions = version === undefined ? [] : [join(modelDirectory, String(version), MODEL_FILE)];
    return { version, written: [...versions, descriptionPath] };
  } finally {
    rmSync(staging, { recursive: true, force: true });
    rmSync(`${staging}.yaml`, { force: true });
  }
}

/** After the newest folder of digits, whether it is a good version or not. */
export async function nextVersion(modelDirectory: string): Promise<number> {
  const versions = (await readdir(modelDirectory)).filter((entry) => /^[0-9]{1,15}$/.test(entry)).map(Number);
  return Math.max(0, ...versions) + 1;
}

/** @throws UsageError where somebody else has made it meanwhile */
export function moveVersion(staging: string, place: string): void {
  if (existsSync(place)) throw new UsageError(`${place} has been made meanwhile, by somebody else: try again`);
  renameSync(staging, place);
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
