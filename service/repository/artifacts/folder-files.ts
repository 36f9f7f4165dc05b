import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isHidden, MODEL_FILE } from '../../../lib/spec/artifact';
import { messageOf } from '../../../lib/spec/message-of';
import { ArtifactError } from '../../errors';
import { sha256OfFile } from '../digest';
import { type ArtifactFile, MANIFEST_FILE, partsOf } from './manifest';

/**
 * The files of a model's folder, digested; without hidden ones, which belong to tools.
 *
 * @throws ArtifactError where the folder is not one of a model
 */
export async function describeFolder(folder: string): Promise<ArtifactFile[]> {
  const files: ArtifactFile[] = [];
  for (const path of await listFiles(folder)) {
    // What an earlier push into this very folder wrote.
    if (path === MANIFEST_FILE || path.startsWith('blobs/')) continue;
    const full = join(folder, path);
    files.push({ path, sizeBytes: (await stat(full)).size, sha256: await sha256OfFile(full) });
  }
  const { versions } = partsOf(files);
  const isModel = [...versions.keys()].some((version) => files.some(({ path }) => path === `${version}/${MODEL_FILE}`));
  if (!isModel)
    throw new ArtifactError(`${folder} is no folder of a model, expected 1/${MODEL_FILE} or the like in it`);
  return files;
}

async function listFiles(folder: string): Promise<string[]> {
  const paths: string[] = [];
  const walk = async (below: string) => {
    for (const name of (await readdir(join(folder, below))).sort()) {
      if (isHidden(name)) continue;
      const path = below === '' ? name : `${below}/${name}`;
      // Links are followed: what they lead to is what is served.
      if ((await stat(join(folder, path))).isDirectory()) await walk(path);
      else paths.push(path);
    }
  };
  try {
    await walk('');
  } catch (error) {
    throw new ArtifactError(`${folder} cannot be read: ${messageOf(error)}`);
  }
  return paths;
}
