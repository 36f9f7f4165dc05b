import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Where the results of a run go. Files appear whole or not at all, and never change. */
export interface OutputFolder {
  readonly address: string;
  has(name: string): Promise<boolean>;
  /** Undefined where there is no such file. */
  readText(name: string): Promise<string | undefined>;
  /** @returns false where the file was there already, which then stays as it is */
  writeOnce(name: string, content: Uint8Array): Promise<boolean>;
  /** Removes what runs that were cut off left beside their files. */
  tidy(): Promise<void>;
}

/** A folder of this machine, or a volume that several share. */
export class LocalFolder implements OutputFolder {
  constructor(readonly address: string) {}

  async has(name: string): Promise<boolean> {
    return (await stat(join(this.address, name)).catch(() => undefined)) !== undefined;
  }

  async readText(name: string): Promise<string | undefined> {
    try {
      return await readFile(join(this.address, name), 'utf8');
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** By a link, which the file system makes for one of several who try. */
  async writeOnce(name: string, content: Uint8Array): Promise<boolean> {
    const path = join(this.address, name);
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
    try {
      await link(temporary, path);
      return true;
    } catch (error) {
      if (codeOf(error) === 'EEXIST' || (await this.has(name))) return false;
      throw error;
    } finally {
      await rm(temporary, { force: true });
    }
  }

  async tidy(): Promise<void> {
    for (const name of await readdir(this.address, { recursive: true })) {
      if (`/${name}`.includes(`/${TEMPORARY}`)) await rm(join(this.address, name), { force: true });
    }
  }
}

const TEMPORARY = '.unfinished-';

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
