import { join } from 'node:path';
import { MODEL_FILE, VERSION_FOLDER } from '../../lib/spec/artifact';
import { readFolder, stampFile } from './files';
import { reasonOf } from './reason';

/** One version of one model as it lies on disk. */
export interface ModelSource {
  readonly name: string;
  readonly version: number;
  /** Folder of the model: holds model.yaml and what it refers to. */
  readonly modelDirectory: string;
  /** Folder of the version: holds model.onnx and, for large models, its external data. */
  readonly versionDirectory: string;
  readonly modelPath: string;
  /** Names of the files in {@link versionDirectory}, sorted, without hidden ones. */
  readonly files: readonly string[];
  /** The model's model.yaml, where there is one. */
  readonly descriptionPath: string | undefined;
  /** Names, sizes and times of all these files: other files, other fingerprint. */
  readonly fingerprint: string;
}

/** A folder that is not served, and why. */
export interface Ignored {
  readonly path: string;
  readonly reason: string;
}

/** What one look at the repository saw. */
export interface Snapshot {
  /** Versions of each model, newest first; a model without versions is not in it. */
  readonly models: ReadonlyMap<string, readonly ModelSource[]>;
  readonly ignored: readonly Ignored[];
}

/** Where models lie: a folder with one folder per model, or each model's own folder by the model's name. */
export type ModelPaths = string | ReadonlyMap<string, string>;

/** Unreserved characters of a URL, so that no path needs escapes; no colon, which starts the verb in `:predict`. */
const MODEL_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

export const DESCRIPTION_FILE = 'model.yaml';

/** How often a look is begun anew when something went while it was under way. */
const MAX_LOOKS = 3;

/**
 * Reads names, sizes and times of the repository, never contents, and one file-system call after the other: a hung
 * network volume then holds up one thread of the pool, not all.
 *
 * A look that a change cuts in two, such as the swap of a linked folder, is begun anew. A model that cannot be read just
 * now keeps what `previous` says of it: an I/O error is no deletion.
 *
 * @throws the file system's error when the repository itself cannot be read
 */
export async function scanRepository(paths: ModelPaths, previous?: Snapshot): Promise<Snapshot> {
  for (let looks = 1; ; looks++) {
    const scan = new Scan(previous);
    await scan.run(paths);
    // A link that leads nowhere looks like a cut for ever: what the last look did not find is not there.
    if (!scan.isCut || looks === MAX_LOOKS) return { models: scan.models, ignored: scan.ignored };
  }
}

/** True while the files of `source` are those that it was made from. */
export async function isUnchanged(source: ModelSource): Promise<boolean> {
  const names = await readFolder(source.versionDirectory);
  if (typeof names === 'string') return false;
  const stamps = await stampFiles(source.versionDirectory, names);
  const description = source.descriptionPath === undefined ? undefined : await stampFile(source.descriptionPath);
  return fingerprintOf(stamps, description) === source.fingerprint;
}

class Scan {
  readonly models = new Map<string, readonly ModelSource[]>();
  readonly ignored: Ignored[] = [];
  /** True when something was listed and absent a moment later. */
  isCut = false;

  constructor(private readonly previous: Snapshot | undefined) {}

  async run(paths: ModelPaths): Promise<void> {
    if (typeof paths !== 'string') {
      for (const [name, directory] of paths) await this.#readModelOrKeep(name, directory, true);
      return;
    }
    const names = await readFolder(paths);
    if (typeof names === 'string') throw new Error(`the folder of models is ${names}`);
    for (const name of names) await this.#readModelOrKeep(name, join(paths, name), false);
  }

  async #readModelOrKeep(name: string, directory: string, isNamed: boolean): Promise<void> {
    try {
      const sources = await this.#readModel(name, directory, isNamed);
      if (sources.length > 0) this.models.set(name, sources);
    } catch (error) {
      this.#ignore(directory, `cannot be read: ${reasonOf(error)}`);
      const known = this.previous?.models.get(name);
      if (known !== undefined) this.models.set(name, known);
    }
  }

  /** @param isNamed whether somebody asked for this model, rather than that it lies beside others */
  async #readModel(name: string, directory: string, isNamed: boolean): Promise<ModelSource[]> {
    const names = await readFolder(directory);
    if (names === 'absent') this.isCut = true;
    if (typeof names === 'string') {
      // Plain files beside the models, such as a README, need no word.
      if (isNamed || names === 'absent') this.#ignore(directory, `is ${names}`);
      return [];
    }
    if (!MODEL_NAME.test(name)) {
      this.#ignore(directory, `a model's name has letters, digits, '_', '-' and '.' only, 128 at most`);
      return [];
    }
    const descriptionPath = names.includes(DESCRIPTION_FILE) ? join(directory, DESCRIPTION_FILE) : undefined;
    const description = descriptionPath === undefined ? undefined : await stampFile(descriptionPath);
    const sources: ModelSource[] = [];
    for (const version of names.filter((candidate) => VERSION_FOLDER.test(candidate))) {
      const versionDirectory = join(directory, version);
      const files = await readFolder(versionDirectory);
      if (files === 'absent') this.isCut = true;
      if (typeof files === 'string') continue;
      const stamps = await stampFiles(versionDirectory, files);
      sources.push({
        name,
        version: Number(version),
        modelDirectory: directory,
        versionDirectory,
        modelPath: join(versionDirectory, MODEL_FILE),
        files: [...stamps.keys()],
        descriptionPath,
        fingerprint: fingerprintOf(stamps, description),
      });
    }
    if (sources.length === 0) this.#ignore(directory, `has no version folder, such as 1/ with a ${MODEL_FILE} in it`);
    return sources.sort((a, b) => b.version - a.version);
  }

  #ignore(path: string, reason: string): void {
    this.ignored.push({ path, reason });
  }
}

/** Stamps of the regular files among `names`, by name. A name that has gone is left out: the next look tells. */
async function stampFiles(directory: string, names: readonly string[]): Promise<Map<string, string>> {
  const stamps = new Map<string, string>();
  for (const name of names) {
    const stamp = await stampFile(join(directory, name));
    if (stamp !== undefined) stamps.set(name, stamp);
  }
  return stamps;
}

function fingerprintOf(files: ReadonlyMap<string, string>, description: string | undefined): string {
  return [...files, ['../model.yaml', description ?? '']].map(([name, stamp]) => `${name}:${stamp}`).join('\n');
}
