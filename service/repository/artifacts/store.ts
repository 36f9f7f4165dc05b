import { mkdir, open, readdir, rename, rm, stat, statfs, unlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ArtifactError } from '../../errors';
import { LoadQueue } from '../load-queue';
import { describeDiskFailure, PART_BYTES } from './download';
import { InUse } from './in-use';
import type { ArtifactFile } from './manifest';
import { PartialFile } from './partial-file';

export interface StoreOptions {
  readonly directory: string;
  /** Bound of what is kept; what is in use counts, but never goes. */
  readonly maxBytes: number;
}

interface Blob {
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly usedAtMs: number;
}

/**
 * Files by their sha256, below one folder: `blobs/` complete and verified, `partial/` on their way, `used/` when each
 * was last asked for. The time of use has a file of its own because a change of the blob's times would look like a
 * change of the model.
 */
export class ArtifactStore {
  readonly #inUse: InUse;
  readonly #fetches = new Map<string, Promise<'hit' | 'fetched'>>();
  /** One at a time, so that two do not count on the same space. */
  readonly #space = new LoadQueue(1);
  #reservedBytes = 0;

  constructor(private readonly options: StoreOptions) {
    this.#inUse = new InUse(join(options.directory, 'in-use'));
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
  async sizeBytes(): Promise<number> {
    try {
      const partial = join(this.directory, 'partial');
      const names = await readdir(partial);
      const onTheirWay = await Promise.all(names.map((name) => allocatedBytes(join(partial, name))));
      const sizes = [...onTheirWay, ...(await this.#blobs()).map(({ sizeBytes }) => sizeBytes)];
      return sizes.reduce((sum, size) => sum + size, 0);
    } catch {
      return 0;
    }
  }

  /** Removes all that nobody uses. */
  async removeUnused(): Promise<void> {
    await this.#space.run(async () => {
      await this.#evict(Number.POSITIVE_INFINITY);
    });
  }

  async #fetch(file: ArtifactFile, download: (target: PartialFile) => Promise<void>): Promise<'hit' | 'fetched'> {
    try {
      await this.#touch(file.sha256);
      if (await this.has(file)) return 'hit';
      const partial = join(this.directory, 'partial', `${file.sha256}.${process.pid}`);
      await this.#adopt(file.sha256, partial);
      await this.#space.run(() => this.#makeRoom(file));
      try {
        await this.#complete(file, partial, download);
      } finally {
        this.#reservedBytes -= file.sizeBytes;
      }
      return 'fetched';
    } catch (error) {
      throw describeDiskFailure(error, this.directory);
    }
  }

  async #complete(file: ArtifactFile, path: string, download: (target: PartialFile) => Promise<void>): Promise<void> {
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

  /** Goes on with what an ended process left. Of several who try, the rename lets one succeed. */
  async #adopt(sha256: string, path: string): Promise<void> {
    for (const name of await readdir(join(this.directory, 'partial'))) {
      const [digest, pid] = name.split('.');
      if (digest !== sha256 || this.#inUse.isAlive(Number(pid))) continue;
      await rename(join(this.directory, 'partial', name), path).catch(() => undefined);
    }
  }

  async #touch(sha256: string): Promise<void> {
    const path = join(this.directory, 'used', sha256);
    await writeFile(path, '');
    const now = new Date();
    await utimes(path, now, now);
  }

  /** Reserves the bytes of a file, and removes what was used least recently until they fit bound and disk. */
  async #makeRoom({ sha256, sizeBytes }: ArtifactFile): Promise<void> {
    const { directory, maxBytes } = this.options;
    const own = join(directory, 'partial', `${sha256}.${process.pid}`);
    const neededBytes = sizeBytes - (await allocatedBytes(own));
    const kept = (await this.#blobs()).reduce((sum, blob) => sum + blob.sizeBytes, 0) + this.#reservedBytes;
    const excess = kept + sizeBytes - maxBytes;
    const { bavail, bsize } = await statfs(directory);
    const lack = neededBytes - bavail * bsize;
    const stillLacking = Math.max(excess, lack) - (await this.#evict(Math.max(excess, lack)));
    if (stillLacking > 0) {
      const limit =
        lack > excess
          ? `the disk of the artifact cache ${directory} is full: ${neededBytes} bytes are needed, ${bavail * bsize} are free`
          : `the artifact cache ${directory} is limited to ${maxBytes} bytes, of which ${kept} are in use and ${sizeBytes} more are needed`;
      throw new ArtifactError(limit);
    }
    this.#reservedBytes += sizeBytes;
  }

  /** @returns bytes that became free */
  async #evict(bytes: number): Promise<number> {
    if (bytes <= 0) return 0;
    let freed = 0;
    const inUse = await this.#inUse.digests();
    freed += await this.#removeAbandoned(inUse);
    const candidates = (await this.#blobs()).filter(({ sha256 }) => !inUse.has(sha256));
    for (const { sha256, sizeBytes } of candidates.sort((a, b) => a.usedAtMs - b.usedAtMs)) {
      if (freed >= bytes) break;
      await unlink(this.pathOf(sha256));
      await rm(join(this.directory, 'used', sha256), { force: true });
      freed += sizeBytes;
    }
    return freed;
  }

  /** Downloads that nobody goes on with. */
  async #removeAbandoned(inUse: ReadonlySet<string>): Promise<number> {
    let freed = 0;
    for (const name of await readdir(join(this.directory, 'partial'))) {
      const [digest = '', pid] = name.split('.');
      if (inUse.has(digest) || this.#fetches.has(digest) || this.#inUse.isAlive(Number(pid))) continue;
      const path = join(this.directory, 'partial', name);
      freed += await allocatedBytes(path);
      await rm(path, { recursive: true, force: true });
    }
    return freed;
  }

  async #blobs(): Promise<Blob[]> {
    const blobs: Blob[] = [];
    for (const sha256 of await readdir(join(this.directory, 'blobs'))) {
      const stats = await stat(this.pathOf(sha256)).catch(() => undefined);
      if (stats === undefined) continue;
      const used = await stat(join(this.directory, 'used', sha256)).catch(() => stats);
      blobs.push({ sha256, sizeBytes: stats.size, usedAtMs: used.mtimeMs });
    }
    return blobs;
  }
}

/** What a partial download takes of the disk; the file itself is as long as its last part. */
async function allocatedBytes(partial: string): Promise<number> {
  const stats = await stat(join(partial, 'data')).catch(() => undefined);
  return stats === undefined ? 0 : stats.blocks * 512;
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
