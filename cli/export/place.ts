import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MODEL_FILE } from '../../service/repository/scan';
import { UsageError } from '../errors';
import { moveVersion, nextVersion } from '../optimize/adopt';

/** Files of a model that is new to its repository, by name; they stand beside its versions. */
export type ModelFiles = Readonly<Record<string, string>>;

/**
 * Puts a file into a model repository as the next version of its model. All is made in a hidden folder beside its place
 * and comes there by one rename, so that a service sees a whole version or none. Overwrites nothing.
 *
 * @param directory the model's folder
 * @param files only written where the model is new: what people wrote of an older version is theirs
 * @returns the paths that were written
 * @throws UsageError where somebody else has made the same meanwhile
 */
export async function placeVersion(
  modelPath: string,
  directory: string,
  files: ModelFiles,
): Promise<{ readonly version: number; readonly written: readonly string[] }> {
  const isNew = !existsSync(directory);
  const staging = isNew
    ? join(directory, '..', `.headroom-export-${process.pid}`)
    : join(directory, `.headroom-export-${process.pid}`);
  const version = isNew ? 1 : await nextVersion(directory);
  const place = join(directory, String(version));
  const versionStaging = isNew ? join(staging, String(version)) : staging;
  try {
    mkdirSync(versionStaging, { recursive: true });
    copyFileSync(modelPath, join(versionStaging, MODEL_FILE));
    if (!isNew) {
      moveVersion(staging, place);
      return { version, written: [join(place, MODEL_FILE)] };
    }
    for (const [name, content] of Object.entries(files)) writeFileSync(join(staging, name), content);
    if (existsSync(directory)) {
      throw new UsageError(`${directory} has been made meanwhile, by somebody else: try again`);
    }
    renameSync(staging, directory);
    const names = [join(String(version), MODEL_FILE), ...Object.keys(files)];
    return { version, written: names.map((name) => join(directory, name)) };
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}
