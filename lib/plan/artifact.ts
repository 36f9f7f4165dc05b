import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { artifactDigest, isHidden, MODEL_FILE, VERSION_FOLDER } from '../spec/artifact';

/** Bytes read at a time. */
const CHUNK_BYTES = 2 ** 20;

/**
 * Digest of the newest version of a model, by which the model repository names it.
 * @param folder of the model, `<version>/model.onnx` below it
 * @returns undefined where there is none
 */
export function newestDigest(folder: string): string | undefined {
  if (!existsSync(folder)) return undefined;
  const versions = readdirSync(folder).filter(
    (name) => VERSION_FOLDER.test(name) && statSync(join(folder, name), { throwIfNoEntry: false })?.isDirectory(),
  );
  const newest = versions.sort((a, b) => Number(a) - Number(b)).at(-1);
  if (newest === undefined) return undefined;
  const directory = join(folder, newest);
  const files = readdirSync(directory).filter(
    (name) => !isHidden(name) && statSync(join(directory, name), { throwIfNoEntry: false })?.isFile(),
  );
  if (!files.includes(MODEL_FILE)) return undefined;
  return artifactDigest(files.map((name) => ({ name, sha256: sha256Of(join(directory, name)) })));
}

function sha256Of(path: string): string {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  const file = openSync(path, 'r');
  try {
    for (let bytes = readSync(file, chunk); bytes > 0; bytes = readSync(file, chunk))
      hash.update(chunk.subarray(0, bytes));
  } finally {
    closeSync(file);
  }
  return hash.digest('hex');
}
