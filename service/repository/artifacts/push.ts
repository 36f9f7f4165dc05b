import { join } from 'node:path';
import { describeFolder } from './folder-files';
import { type ArtifactFile, blobPath, MANIFEST_FILE } from './manifest';

/** Where a model can be brought to. */
export interface PushTarget {
  /** Whether a file of this size is there. What is named by its digest is complete or absent. */
  has(path: string, sizeBytes: number): Promise<boolean>;
  /** Brings a file there, whole or not at all. */
  putFile(path: string, file: string, about: ArtifactFile): Promise<void>;
  /** Replaces the manifest. */
  putManifest(path: string, text: string): Promise<void>;
}

export interface Pushed {
  readonly files: readonly (ArtifactFile & { readonly outcome: 'sent' | 'there' })[];
}

/**
 * Brings a model's folder to where services fetch it. The manifest comes last, so that whoever reads it finds all that
 * it names; files that older manifests name stay, for replicas that still read those.
 *
 * @throws ArtifactError where the folder is not one of a model, or the target fails
 */
export async function pushModel(folder: string, target: PushTarget): Promise<Pushed> {
  const files = await describeFolder(folder);
  const pushed: (ArtifactFile & { outcome: 'sent' | 'there' })[] = [];
  for (const file of files) {
    const path = blobPath(file.sha256);
    const isThere = await target.has(path, file.sizeBytes);
    if (!isThere) await target.putFile(path, join(folder, file.path), file);
    pushed.push({ ...file, outcome: isThere ? 'there' : 'sent' });
  }
  await target.putManifest(MANIFEST_FILE, `${JSON.stringify({ schemaVersion: 1, files }, null, 2)}\n`);
  return { files: pushed };
}
