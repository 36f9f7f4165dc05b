import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { isHidden, VERSION_FOLDER } from '../../../lib/spec/artifact';
import { ArtifactError } from '../../errors';

/** Name of the manifest below a model's address. */
export const MANIFEST_FILE = 'manifest.json';

/** A manifest of ten thousand files is below this; what is longer is none. */
export const MAX_MANIFEST_BYTES = 4 * 2 ** 20;

const ArtifactFile = Type.Object({
  path: Type.String({ minLength: 1, maxLength: 500 }),
  sizeBytes: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
});

/** What lies at a model's address: the files of its folder, each by its digest. Unknown keys are for later editions. */
const ManifestSchema = Type.Object({ schemaVersion: Type.Literal(1), files: Type.Array(ArtifactFile) });

export type Manifest = Static<typeof ManifestSchema>;

/** One file of a model: its path in the model's folder, with slashes, and what is in it. */
export type ArtifactFile = Manifest['files'][number];

/** Files by the version they belong to; those beside the version folders, such as model.yaml, are shared by all. */
export interface ManifestParts {
  readonly shared: readonly ArtifactFile[];
  readonly versions: ReadonlyMap<string, readonly ArtifactFile[]>;
}

/** Where a file of this digest lies below a model's address: it never changes, so caches may keep it for ever. */
export function blobPath(sha256: string): string {
  return `blobs/${sha256}`;
}

/**
 * Reads a manifest.
 *
 * @param where its address, for the message
 * @throws ArtifactError where it is no manifest, or names a path that would lead out of the model's folder
 */
export function parseManifest(text: string, where: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ArtifactError(`${where} is no JSON`);
  }
  if (!Value.Check(ManifestSchema, value)) {
    const [first] = Value.Errors(ManifestSchema, value);
    throw new ArtifactError(`${where} is no manifest: ${first?.instancePath || 'it'} ${first?.message ?? 'is wrong'}`);
  }
  const seen = new Set<string>();
  for (const { path } of value.files) {
    if (!isSafe(path)) throw new ArtifactError(`${where} names the path '${path}', which is not one within a folder`);
    if (seen.has(path)) throw new ArtifactError(`${where} names the path '${path}' twice`);
    seen.add(path);
  }
  return value;
}

export function partsOf(files: readonly ArtifactFile[]): ManifestParts {
  const shared: ArtifactFile[] = [];
  const versions = new Map<string, ArtifactFile[]>();
  for (const file of files) {
    const [version = '', ...below] = file.path.split('/');
    if (below.length === 0 || !VERSION_FOLDER.test(version)) shared.push(file);
    else versions.set(version, [...(versions.get(version) ?? []), file]);
  }
  return { shared, versions };
}

/** No step up, no absolute path, and no hidden file: those are the store's own. */
function isSafe(path: string): boolean {
  return path.split('/').every((part) => part !== '' && !isHidden(part) && !/[\\\0]/.test(part));
}
