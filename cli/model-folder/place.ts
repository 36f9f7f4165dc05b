import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { MODEL_FILE } from '../../lib/spec/artifact';
import { fileProblem } from '../../lib/spec/file-problem';
import { UsageError } from '../errors';

/** Hidden, so that no service takes it for a model or a version. */
const STAGING = '.headroom-';

/** What is to come into a model's folder. */
export interface Placement {
  readonly version: NewVersion | undefined;
  /** Files beside the versions, by name; each takes the place of the one that has its name. */
  readonly files: Readonly<Record<string, string>>;
}

export interface NewVersion {
  readonly number: number;
  /** Becomes the version's model.onnx. */
  readonly modelPath: string;
}

/** After the newest folder of digits, whether it is a good version or not; 1 where there is none. */
export function nextVersion(directory: string): number {
  const entries = existsSync(directory) ? readdirSync(directory) : [];
  const versions = entries.filter((entry) => /^[0-9]{1,15}$/.test(entry)).map(Number);
  return Math.max(0, ...versions) + 1;
}

/**
 * Puts a version, and files beside it, into a model's folder, which is made where it is not there yet. All is made in a
 * hidden folder first; then renames, with nothing between them that could be interrupted, put it in its place. No version
 * is overwritten.
 *
 * @param directory the model's folder
 * @returns the paths that were written
 * @throws UsageError where the folder cannot be written to, or somebody else has made the same version meanwhile
 */
export function place(directory: string, placement: Placement): string[] {
  try {
    return stageAndMove(directory, placement);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`cannot write to ${directory}: ${fileProblem(error)}`);
  }
}

function stageAndMove(directory: string, { version, files }: Placement): string[] {
  const isNew = !existsSync(directory);
  const parent = isNew ? dirname(directory) : directory;
  mkdirSync(parent, { recursive: true });
  const staging = mkdtempSync(join(parent, STAGING));
  try {
    // One folder deeper: what mkdtemp makes is its maker's alone, and would be so for the service, too.
    const made = join(staging, 'made');
    mkdirSync(made);
    if (version !== undefined) stageVersion(version, made);
    for (const [name, content] of Object.entries(files)) writeFileSync(join(made, name), content);
    const versions = version === undefined ? [] : [String(version.number)];
    for (const path of isNew ? [directory] : versions.map((name) => join(directory, name))) {
      if (existsSync(path)) throw new UsageError(`${path} has been made meanwhile, by somebody else: try again`);
    }
    const names = [...versions, ...Object.keys(files)];
    if (isNew) renameSync(made, directory);
    else for (const name of names) renameSync(join(made, name), join(directory, name));
    return names.map((name) => join(directory, name, ...(versions.includes(name) ? [MODEL_FILE] : [])));
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

function stageVersion({ number, modelPath }: NewVersion, folder: string): void {
  mkdirSync(join(folder, String(number)));
  copyFileSync(modelPath, join(folder, String(number), MODEL_FILE));
}
