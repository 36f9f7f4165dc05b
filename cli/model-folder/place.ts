import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { MODEL_FILE } from '../../lib/spec/artifact';
import { fileProblem } from '../../lib/spec/file-problem';
import { UsageError } from '../errors';

/** Hidden, so that no service takes it for a model or a version. */
const STAGING = '.headroom-';
/** Read at a time while a model is copied. */
const COPY_CHUNK_BYTES = 2 ** 20;

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
 * is overwritten. Until the renames, an interrupt leaves everything as it was, and so does an end of the process at once.
 *
 * @param directory the model's folder
 * @returns the paths that were written
 * @throws UsageError where the folder cannot be written to, or somebody else has made the same version meanwhile
 * @throws the signal's reason when it is aborted before the renames
 */
export async function place(directory: string, placement: Placement, signal: AbortSignal): Promise<string[]> {
  try {
    return await stageAndMove(directory, placement, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof UsageError) throw error;
    throw new UsageError(`cannot write to ${directory}: ${fileProblem(error)}`);
  }
}

async function stageAndMove(directory: string, { version, files }: Placement, signal: AbortSignal): Promise<string[]> {
  const isNew = !existsSync(directory);
  const parent = isNew ? dirname(directory) : directory;
  const firstMade = mkdirSync(parent, { recursive: true });
  const staging = mkdtempSync(join(parent, STAGING));
  const tidy = () => {
    rmSync(staging, { recursive: true, force: true });
    if (firstMade !== undefined) removeEmpty(parent, firstMade);
  };
  process.on('exit', tidy);
  try {
    // One folder deeper: what mkdtemp makes is its maker's alone, and would be so for the service, too.
    const made = join(staging, 'made');
    mkdirSync(made);
    if (version !== undefined) await stageVersion(version, made, signal);
    for (const [name, content] of Object.entries(files)) writeFileSync(join(made, name), content);
    signal.throwIfAborted();
    const versions = version === undefined ? [] : [String(version.number)];
    for (const path of isNew ? [directory] : versions.map((name) => join(directory, name))) {
      if (existsSync(path)) throw new UsageError(`${path} has been made meanwhile, by somebody else: try again`);
    }
    const names = [...versions, ...Object.keys(files)];
    if (isNew) renameSync(made, directory);
    else for (const name of names) renameSync(join(made, name), join(directory, name));
    return names.map((name) => join(directory, name, ...(versions.includes(name) ? [MODEL_FILE] : [])));
  } finally {
    process.off('exit', tidy);
    tidy();
  }
}

/** A folder and those above it up to the first that was made for it; those with something in them stay. */
function removeEmpty(folder: string, firstMade: string): void {
  try {
    rmdirSync(folder);
  } catch {
    return;
  }
  if (folder !== firstMade) removeEmpty(dirname(folder), firstMade);
}

/** Piece by piece, since a model of gigabytes is copied for long enough to be interrupted. */
async function stageVersion({ number, modelPath }: NewVersion, folder: string, signal: AbortSignal): Promise<void> {
  mkdirSync(join(folder, String(number)));
  const copy = createWriteStream(join(folder, String(number), MODEL_FILE));
  await pipeline(createReadStream(modelPath, { highWaterMark: COPY_CHUNK_BYTES }), copy, { signal });
}
