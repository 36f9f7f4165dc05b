import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { artifactDigest, type DigestedFile } from '../../lib/spec/artifact';

export interface Artifact {
  /** See {@link artifactDigest}. */
  readonly digest: string;
  readonly sizeBytes: number;
}

/**
 * Digest of a model as it is stored: external data counts as much as the graph that refers to it. Streamed: a model of
 * gigabytes costs no memory.
 *
 * @param files names in `directory`
 */
export async function digestArtifact(directory: string, files: readonly string[]): Promise<Artifact> {
  let sizeBytes = 0;
  const digested: DigestedFile[] = [];
  for (const name of files) {
    const path = join(directory, name);
    sizeBytes += (await stat(path)).size;
    digested.push({ name, sha256: await sha256OfFile(path) });
  }
  return { digest: artifactDigest(digested), sizeBytes };
}

/** In hexadecimal; the file is read in pieces, whatever its size. @throws an AbortError when the signal is aborted */
export async function sha256OfFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { signal })) hash.update(chunk);
  return hash.digest('hex');
}
