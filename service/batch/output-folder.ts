import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf } from '../../lib/spec/code-of';

/** Where the results of a run go. Files appear whole or not at all. */
export interface OutputFolder {
  /** The path of a file in it, or its own, as its user can open it. */
  shown(name?: string): string;
  /** Of all files in it, as they are given to the other calls. */
  names(): Promise<ReadonlySet<string>>;
  /** Undefined where there is no such file. */
  read(name: string): Promise<Buffer | undefined>;
  /** @returns false where the file was there already, which then stays as it is */
  writeOnce(name: string, content: Uint8Array): Promise<boolean>;
  /** Takes the place of a file that is there. */
  replace(name: string, content: Uint8Array): Promise<void>;
  /** Removes what runs that were cut off left beside their files. */
  tidy(): Promise<void>;
}

/** A folder of this machine, or a volume that several share. */
export class LocalFolder implements OutputFolder {
  /** @param title the path as its user wrote it */
  constructor(
    private readonly path: string,
    private readonly title: string = path,
  ) {}

  shown(name = ''): string {
    return join(this.title, name);
  }

  async names(): Promise<ReadonlySet<string>> {
    return new Set(await this.#list());
  }

  async read(name: string): Promise<Buffer | undefined> {
    try {
      return await readFile(join(this.path, name));
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** By a link, which the file system makes for one of several who try. */
  async writeOnce(name: string, content: Uint8Array): Promise<boolean> {
    const path = join(this.path, name);
    const temporary = await this.#writeBeside(path, content);
    try {
      await link(temporary, path);
      return true;
    } catch (error) {
      if (codeOf(error) === 'EEXIST' || (await exists(path))) return false;
      throw error;
    } finally {
      await rm(temporary, { force: true });
    }
  }

  async replace(name: string, content: Uint8Array): Promise<void> {
    const path = join(this.path, name);
    await rename(await this.#writeBeside(path, content), path);
  }

  async tidy(): Promise<void> {
    for (const name of await this.#list()) {
      if (`/${name}`.includes(`/${TEMPORARY}`)) await rm(join(this.path, name), { force: true });
    }
  }

  /** @returns the path of a temporary file, which is on the disk */
  async #writeBeside(path: string, content: Uint8Array): Promise<string> {
    const folder = dirname(path);
    const temporary = join(folder, `${TEMPORARY}${randomBytes(8).toString('hex')}`);
    await mkdir(folder, { recursive: true });
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    return temporary;
  }

  async #list(): Promise<string[]> {
    try {
      return await readdir(this.path, { recursive: true });
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return [];
      throw error;
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

const TEMPORARY = '.unfinished-';
