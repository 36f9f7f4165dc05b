import { mkdir, open, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ArtifactError } from '../../errors';
import { describeDiskFailure, PART_BYTES } from './download';
import { InUse } from './in-use';
import type { ArtifactFile } from './manifest';
import { PartialFile } from './partial-file';
import { Room } from './room';

export interface StoreOptions {
  readonly directory: string;
  /** Bound of what is kept; what is in use counts, but never goes. */
  readonly maxBytes: number;
}

/**
 * Files by their sha256, below one folder: `blobs/` complete and verified, `partial/` on their way, `used/` when each
 * was last asked for. The time of use has a file of its own because a change of the blob's times would look like a
 * change of the model.
 */
export class ArtifactStore {
  readonly #inUse: InUse;
  readonly #fetches = new Map<string, Promise<'hit' | 'fetched'>>();
  readonly #room: Room;

  constructor(private readonly options: StoreOptions) {
    this.#inUse = new InUse(join(options.directory, 'in-use'));
    this.#room = new Room(options.directory, options.maxBytes, this.#inUse);
  }

  /**
   * To be called before all else.
   * @throws ArtifactError where the folder cannot be written to
   */
  async prepare(): Promise<void> {
    const { directory } = this.options;
    try {
      for (const name of ['blobs', 'partial', 'used', 'in-use', 'generations']) {
        await mkdir(join(directory, name), { recursive: true });
      }
    } catch (error) {
      throw describeDiskFailure(error, directory);
    }
  }

  get directory(): string {
    return this.options.directory;
  }

  pathOf(sha256: string): string {
    return join(this.options.directory, 'blobs', sha256);
  }

  async has({ sha256, sizeBytes }: ArtifactFile): Promise<boolean> {
    const stats = await stat(this.pathOf(sha256)).catch(() => undefined);
    return stats?.size === sizeBytes;
  }

  /**
   * Keeps files from being removed, from now until the holder holds others, also by other processes on this machine.
   * @param holder a name, such as the model's
   */
  async hold(holder: string, digests: Iterable<string>): Promise<void> {
    await this.#inUse.hold(holder, digests);
  }

  /**
   * Brings a file into the store unless it is there. Two callers at the same time share one download.
   *
   * @param download fills the file; may find parts of it there
   * @throws ArtifactError where it cannot be downloaded or kept, or is not what the manifest says
   */
  fetch(file: ArtifactFile, download: (target: PartialFile) => Promise<void>): Promise<'hit' | 'fetched'> {
    const known = this.#fetches.get(file.sha256);
    if (known !== undefined) return known;
    const fetch = this.#fetch(file, download).finally(() => this.#fetches.delete(file.sha256));
    this.#fetches.set(file.sha256, fetch);
    return fetch;
  }

  /** What it takes of the disk, downloads on their way included; 0 before it is prepared. */
  sizeBytes(): Promise<number> {
    return this.#room.usedBytes().catch(() => 0);
  }

  /** Removes all that nobody uses. */
  removeUnused(): Promise<void> {
    return this.#room.removeUnused();
  }

  async #fetch(file: ArtifactFile, download: (target: PartialFile) => Promise<void>): Promise<'hit' | 'fetched'> {
    try {
      await this.#touch(file.sha256);
      if (await this.has(file)) return 'hit';
      await this.#room.withRoomFor(file, () => this.#complete(file, download));
      return 'fetched';
    } catch (error) {
      throw describeDiskFailure(error, this.directory);
    }
  }

  async #complete(file: ArtifactFile, download: (target: PartialFile) => Promise<void>): Promise<void> {
    const path = this.#room.partialPath(file.sha256);
    const partial = await PartialFile.open(path, file.sizeBytes, PART_BYTES);
    try {
      await download(partial);
      const digest = await partial.digest();
      if (digest !== file.sha256) {
        await rm(path, { recursive: true, force: true });
        throw new ArtifactError(`the file has the sha256 ${digest}, but the manifest says ${file.sha256}`);
      }
      await partial.moveTo(this.pathOf(file.sha256));
      await syncFolder(join(this.directory, 'blobs'));
      await rm(path, { recursive: true, force: true });
    } catch (error) {
      // A disk that stays full harms more than the model that did not fit.
      if (describeDiskFailure(error, this.directory) !== error) await rm(path, { recursive: true, force: true });
      throw error;
    } finally {
      await partial.close();
    }
  }

  async #touch(sha256: string): Promise<void> {
    const path = join(this.directory, 'used', sha256);
    await writeFile(path, '');
    const now = new Date();
    await utimes(path, now, now);
  }
}

/** A file's new name is on disk only once its folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
