import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface ArtifactDigest {
  /** Hexadecimal sha256 of the artifact's only file; of several files, what `sha256sum * | sha256sum` prints. */
  readonly digest: string;
  readonly sizeBytes: number;
}

/**
 * Digest of a model as it is stored: cache keys and metadata rely on it, so external data counts as much as the graph
 * that refers to it. Streamed: a model of gigabytes costs no memory.
 *
 * @param files names in `directory`, sorted
 */
export async function digestArtifact(directory: string, files: readonly string[]): Promise<ArtifactDigest> {
  let sizeBytes = 0;
  const digests: string[] = [];
  for (const file of files) {
    const path = join(directory, file);
    sizeBytes += (await stat(path)).size;
    digests.push(await sha256OfFile(path));
  }
  const [first, ...others] = digests;
  if (first !== undefined && others.length === 0) return { digest: first, sizeBytes };
  const list = files.map((file, i) => `${digests[i]}  ${file}\n`).join('');
  return { digest: createHash('sha256').update(list).digest('hex'), sizeBytes };
}

/** In hexadecimal; the file is read in pieces, whatever its size. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}
