import { createHash } from 'node:crypto';

/** The model itself, in the folder of a version. */
export const MODEL_FILE = 'model.onnx';

/** Folders of versions below that of a model: at most 15 digits, which a number holds exactly. */
export const VERSION_FOLDER = /^[1-9][0-9]{0,14}$/;

/** Hidden files belong to tools (`.git`, the `..data` of Kubernetes volumes, the half-copied files of rsync). */
export function isHidden(name: string): boolean {
  return name.startsWith('.');
}

/** A file of a version's folder. */
export interface DigestedFile {
  readonly name: string;
  /** Hexadecimal. */
  readonly sha256: string;
}

/**
 * How an artifact is named, wherever it is: cache keys, metadata, profiles and reports compare this.
 * @param files all regular files of a version's folder that are not hidden
 * @returns hexadecimal sha256 of the only file; of several, what `sha256sum * | sha256sum` prints
 */
export function artifactDigest(files: readonly DigestedFile[]): string {
  const [first, ...others] = files;
  if (first !== undefined && others.length === 0) return first.sha256;
  const hash = createHash('sha256');
  for (const { name, sha256 } of [...files].sort((a, b) => (a.name < b.name ? -1 : 1)))
    hash.update(`${sha256}  ${name}\n`);
  return hash.digest('hex');
}
