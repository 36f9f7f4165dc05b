import { createHash } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { ArtifactError } from '../../errors';
import { type ArtifactFile, parseManifest } from './manifest';
import type { ArtifactStore } from './store';

/** Beside the files of a generation; hidden, so that it belongs to no model. */
const RECORD = '.manifest.json';

/**
 * The folder of one model as the repository reads it: a link to a generation, which is a folder of links to files in
 * the store. All links are relative, so that the whole may be mounted elsewhere. A change of the model is a new
 * generation and one swap of the link; what did not change keeps its file, and with it size and times, and so is not
 * loaded again.
 */
export class ModelFolder {
  readonly #generations: string;

  /**
   * @param path of the link
   * @param url where the model comes from; a generation from elsewhere is not one of this model
   */
  constructor(
    private readonly store: ArtifactStore,
    readonly path: string,
    url: string,
  ) {
    const key = createHash('sha256').update(`${url}\n${path}`).digest('hex').slice(0, 32);
    this.#generations = join(store.directory, 'generations', key);
  }

  /** Files of the present generation; undefined where there is none, or not all of its files are there. */
  async present(): Promise<readonly ArtifactFile[] | undefined> {
    try {
      const target = await readlink(this.path);
      if (!join(dirname(this.path), target).startsWith(`${this.#generations}/`)) return undefined;
      const { files } = parseManifest(await readFile(join(this.path, RECORD), 'utf8'), RECORD);
      for (const file of files) if (!(await this.store.has(file))) return undefined;
      return files;
    } catch {
      return undefined;
    }
  }

  /**
   * Makes these files, which are in the store, the model's.
   * @throws ArtifactError where something that was not fetched is in the way
   */
  async publish(files: readonly ArtifactFile[]): Promise<void> {
    const record = JSON.stringify({ schemaVersion: 1, files: [...files].sort((a, b) => (a.path < b.path ? -1 : 1)) });
    const name = createHash('sha256').update(record).digest('hex').slice(0, 32);
    const directory = join(this.#generations, name);
    const isThere = (await readFile(join(directory, RECORD), 'utf8').catch(() => '')) === record;
    if (!isThere) await this.#build(directory, files, record);
    await this.#swap(directory);
    for (const other of await readdir(this.#generations)) {
      if (other !== name) await rm(join(this.#generations, other), { recursive: true, force: true });
    }
  }

  async #build(directory: string, files: readonly ArtifactFile[], record: string): Promise<void> {
    const building = `${directory}.${process.pid}`;
    await rm(building, { recursive: true, force: true });
    await mkdir(building, { recursive: true });
    for (const { path, sha256 } of files) {
      const link = join(building, path);
      await mkdir(dirname(link), { recursive: true });
      await symlink(relative(dirname(link), this.store.pathOf(sha256)), link);
    }
    await writeFile(join(building, RECORD), record);
    await rm(directory, { recursive: true, force: true });
    await rename(building, directory);
  }

  async #swap(directory: string): Promise<void> {
    const existing = await lstat(this.path).catch(() => undefined);
    if (existing !== undefined && !existing.isSymbolicLink()) {
      throw new ArtifactError(`${this.path} was not fetched, so it is not replaced`);
    }
    await mkdir(dirname(this.path), { recursive: true });
    const link = join(dirname(this.path), `.link-${process.pid}-${Math.random().toString(36).slice(2)}`);
    await symlink(relative(dirname(this.path), directory), link);
    await rename(link, this.path);
  }
}
