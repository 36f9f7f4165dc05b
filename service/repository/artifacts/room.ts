import { readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { ArtifactError } from '../../errors';
import { LoadQueue } from '../load-queue';
import type { InUse } from './in-use';
import type { ArtifactFile } from './manifest';
import { partialSizes } from './partial-file';

interface Blob {
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly usedAtMs: number;
}

/** A file that is not whole yet. */
interface Download {
  readonly path: string;
  readonly sha256: string;
  readonly allocatedBytes: number;
  /** What it will take once it is whole; of one that nobody goes on with, what it takes now. */
  readonly promisedBytes: number;
  readonly isUnderWay: boolean;
}

/** What lies in the store, and what the downloads under way will bring. */
interface Contents {
  readonly blobs: readonly Blob[];
  readonly partials: readonly Download[];
  readonly takenBytes: number;
  /** What downloads under way still will write. */
  readonly awaitedBytes: number;
}

/** What can be fetched again. */
interface Expendable {
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly paths: readonly string[];
}

/** In the place of the process that goes on with a partial file: nobody's id. */
const NOBODY = 0;

/**
 * Keeps a store within its bound and its disk. Room is reserved before a download begins, and what is promised to other
 * downloads, also of other processes, is not there to be had. Where room is lacking, what was used least recently goes.
 */
export class Room {
  /** Sizes of what this process is bringing, by sha256. */
  readonly #reserved = new Map<string, number>();
  /** One at a time, so that two do not count on the same space. */
  readonly #turn = new LoadQueue(1);

  /** @param directory of the store */
  constructor(
    private readonly directory: string,
    private readonly maxBytes: number,
    private readonly inUse: InUse,
  ) {}

  /** Where this process puts a file while it comes. */
  partialPath(sha256: string): string {
    return this.#partialPath(sha256, process.pid);
  }

  /**
   * Brings a file with room reserved for it; what is there of it lies in its place by then, and stays where it fails.
   *
   * @throws ArtifactError where there is no room, and what `bring` throws
   */
  async withRoomFor(file: ArtifactFile, bring: () => Promise<void>): Promise<void> {
    const { sha256, sizeBytes } = file;
    await this.#turn.run(async () => {
      await this.#adopt(sha256);
      await this.#makeRoom(file);
      this.#reserved.set(sha256, sizeBytes);
    });
    try {
      await bring();
    } finally {
      this.#reserved.delete(sha256);
      await rename(this.partialPath(sha256), this.#partialPath(sha256, NOBODY)).catch(() => undefined);
    }
  }

  /** What the store takes of the disk, downloads on their way included. */
  async usedBytes(): Promise<number> {
    const { takenBytes } = await this.#contents();
    return takenBytes;
  }

  /** Removes all that nobody uses. */
  async removeUnused(): Promise<void> {
    await this.#turn.run(async () => {
      const held = await this.inUse.digests();
      const expendable = this.#expendable(await this.#contents(), held);
      for (const each of expendable) if (!held.has(each.sha256)) await remove(each);
    });
  }

  /** Goes on with what a process that has ended, or an attempt that has failed, left. Of several, one succeeds. */
  async #adopt(sha256: string): Promise<void> {
    for (const name of await readdir(join(this.directory, 'partial'))) {
      const [digest, pid] = name.split('.');
      if (digest !== sha256 || this.inUse.isAlive(Number(pid))) continue;
      await rename(join(this.directory, 'partial', name), this.partialPath(sha256)).catch(() => undefined);
    }
  }

  async #makeRoom({ sha256, sizeBytes }: ArtifactFile): Promise<void> {
    const { directory, maxBytes } = this;
    const contents = await this.#contents();
    const { takenBytes, awaitedBytes, partials } = contents;
    const neededBytes =
      sizeBytes - (partials.find(({ path }) => path === this.partialPath(sha256))?.allocatedBytes ?? 0);
    const { bavail, bsize } = await statfs(directory);
    const excessBytes = takenBytes + awaitedBytes + neededBytes - maxBytes;
    const lackBytes = awaitedBytes + neededBytes - bavail * bsize;
    const freedBytes = await this.#free(Math.max(excessBytes, lackBytes), contents, sha256);
    if (excessBytes > freedBytes) {
      const inUseBytes = takenBytes + awaitedBytes - freedBytes;
      throw new ArtifactError(
        `the artifact cache ${directory} is limited to ${maxBytes} bytes, of which ${inUseBytes} are in use and ${neededBytes} more are needed`,
      );
    }
    if (lackBytes > freedBytes) {
      const others = awaitedBytes > 0 ? `, of which other downloads need ${awaitedBytes}` : '';
      throw new ArtifactError(
        `the disk of the artifact cache ${directory} is full: ${neededBytes} bytes are needed, ${bavail * bsize + freedBytes} are free${others}`,
      );
    }
  }

  /** @param wanted sha256 of what stays @returns bytes that became free, at least as many as told where that is possible */
  async #free(bytes: number, contents: Contents, wanted: string): Promise<number> {
    if (bytes <= 0) return 0;
    let freed = 0;
    for (const each of this.#expendable(contents, await this.inUse.digests())) {
      if (freed >= bytes) break;
      if (each.sha256 === wanted) continue;
      await remove(each);
      freed += each.sizeBytes;
    }
    return freed;
  }

  /** In the order in which it goes; at last what is held and lies there in parts only, since it serves nobody yet. */
  #expendable({ blobs, partials }: Contents, held: ReadonlySet<string>): Expendable[] {
    const left = partials
      .filter(({ isUnderWay }) => !isUnderWay)
      .map(({ sha256, path, allocatedBytes }) => ({ sha256, sizeBytes: allocatedBytes, paths: [path] }));
    const unused = blobs
      .filter(({ sha256 }) => !held.has(sha256))
      .sort((a, b) => a.usedAtMs - b.usedAtMs)
      .map(({ sha256, sizeBytes }) => ({
        sha256,
        sizeBytes,
        paths: [this.#path('blobs', sha256), this.#path('used', sha256)],
      }));
    const isHeld = ({ sha256 }: Expendable) => held.has(sha256);
    return [...left.filter((each) => !isHeld(each)), ...unused, ...left.filter(isHeld)];
  }

  async #contents(): Promise<Contents> {
    // In this order, so that a download that ends in between is seen.
    const found = await this.#partials();
    const blobs = await this.#blobs();
    const whole = new Set(blobs.map(({ sha256 }) => sha256));
    const partials = found.filter(({ sha256, isUnderWay }) => !isUnderWay || !whole.has(sha256));
    const sum = (bytes: readonly number[]) => bytes.reduce((total, each) => total + each, 0);
    return {
      blobs,
      partials,
      takenBytes:
        sum(blobs.map(({ sizeBytes }) => sizeBytes)) + sum(partials.map(({ allocatedBytes }) => allocatedBytes)),
      awaitedBytes: sum(partials.map(({ promisedBytes, allocatedBytes }) => promisedBytes - allocatedBytes)),
    };
  }

  async #blobs(): Promise<Blob[]> {
    const blobs: Blob[] = [];
    for (const sha256 of await readdir(join(this.directory, 'blobs'))) {
      const stats = await stat(this.#path('blobs', sha256)).catch(() => undefined);
      if (stats === undefined) continue;
      const used = await stat(this.#path('used', sha256)).catch(() => stats);
      blobs.push({ sha256, sizeBytes: stats.size, usedAtMs: used.mtimeMs });
    }
    return blobs;
  }

  async #partials(): Promise<Download[]> {
    const names = await readdir(join(this.directory, 'partial'));
    const partials = await Promise.all(names.map((name) => this.#partial(name)));
    const begun = new Set(partials.map(({ path }) => path));
    for (const [sha256, sizeBytes] of this.#reserved) {
      const path = this.partialPath(sha256);
      if (begun.has(path)) continue;
      partials.push({ path, sha256, allocatedBytes: 0, promisedBytes: sizeBytes, isUnderWay: true });
    }
    return partials;
  }

  async #partial(name: string): Promise<Download> {
    const [sha256 = '', pid] = name.split('.');
    const path = join(this.directory, 'partial', name);
    const { allocatedBytes, wholeBytes } = await partialSizes(path);
    const reservedBytes = Number(pid) === process.pid ? this.#reserved.get(sha256) : undefined;
    const isUnderWay = reservedBytes !== undefined || this.inUse.isAlive(Number(pid));
    const promisedBytes = isUnderWay ? Math.max(allocatedBytes, reservedBytes ?? wholeBytes) : allocatedBytes;
    return { path, sha256, allocatedBytes, promisedBytes, isUnderWay };
  }

  #partialPath(sha256: string, pid: number): string {
    return this.#path('partial', `${sha256}.${pid}`);
  }

  #path(folder: 'blobs' | 'partial' | 'used', name: string): string {
    return join(this.directory, folder, name);
  }
}

async function remove({ paths }: Expendable): Promise<void> {
  for (const path of paths) await rm(path, { recursive: true, force: true });
}
