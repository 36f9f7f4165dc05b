import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { PART_BYTES } from '../../../../service/repository/artifacts/download';
import type { ArtifactFile } from '../../../../service/repository/artifacts/manifest';
import { PartialFile } from '../../../../service/repository/artifacts/partial-file';
import { ArtifactStore } from '../../../../service/repository/artifacts/store';
import { SmallDisk } from '../../../support/small-disk';

/** Whole blocks of any file system, so that a file takes of the disk what it holds. */
const UNIT_BYTES = 64 * 1024;

/** A file to be downloaded, and the downloads of it. */
class Source {
  readonly file: ArtifactFile;
  readonly #content: Buffer;
  #begin: () => void = () => undefined;
  #release: () => void = () => undefined;
  readonly hasBegun = new Promise<void>((resolve) => {
    this.#begin = resolve;
  });
  readonly #isReleased = new Promise<void>((resolve) => {
    this.#release = resolve;
  });

  constructor(units: number) {
    this.#content = randomBytes(units * UNIT_BYTES);
    const sha256 = createHash('sha256').update(this.#content).digest('hex');
    this.file = { path: '1/model.onnx', sizeBytes: this.#content.length, sha256 };
  }

  readonly download = async (target: PartialFile): Promise<void> => {
    await target.write(this.#content, 0);
    await target.markDone(0);
  };

  /** Begins, and sends nothing before it is released. */
  readonly heldDownload = async (target: PartialFile): Promise<void> => {
    this.#begin();
    await this.#isReleased;
    await this.download(target);
  };

  release(): void {
    this.#release();
  }

  /** Sends all but its last byte, and fails. */
  readonly failingDownload = async (target: PartialFile): Promise<void> => {
    await target.write(this.#content.subarray(0, -1), 0);
    throw new Error('the server went away');
  };
}

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'headroom-room-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function open(maxUnits: number, folder = directory): Promise<ArtifactStore> {
  const store = new ArtifactStore({ directory: folder, maxBytes: maxUnits * UNIT_BYTES });
  await store.prepare();
  return store;
}

const partials = () => readdirSync(join(directory, 'partial'));
const isKept = (store: ArtifactStore, ...sources: Source[]) => Promise.all(sources.map(({ file }) => store.has(file)));

describe('several downloads at once', () => {
  test('do not fill the disk: the one that no longer fits is refused, and the other arrives', async () => {
    // GIVEN a real disk of 2 MiB, and a download of three quarters of it that has begun and written nothing
    const disk = new SmallDisk(2);
    try {
      const store = await open(Number.POSITIVE_INFINITY, join(disk.path, 'cache'));
      const [first, second] = [new Source(24), new Source(24)];
      const arrival = store.fetch(first.file, first.heldDownload);
      await first.hasBegun;
      // WHEN another comes, for which there would be room alone
      const refusal = store.fetch(second.file, second.download);
      // THEN
      await expect(refusal).rejects.toThrow(
        new RegExp(`is full: ${second.file.sizeBytes} bytes are needed, \\d+ are free, of which other downloads need`),
      );
      first.release();
      expect([await arrival, await isKept(store, first, second)]).toEqual(['fetched', [true, false]]);
    } finally {
      disk.delete();
    }
  });

  test('do not exceed the bound', async () => {
    const store = await open(10);
    const [first, second] = [new Source(6), new Source(6)];
    const arrival = store.fetch(first.file, first.heldDownload);
    await first.hasBegun;
    await expect(store.fetch(second.file, second.download)).rejects.toThrow('is limited to');
    first.release();
    await arrival;
  });

  test('all arrive where they fit exactly', async () => {
    const sources = Array.from({ length: 20 }, () => new Source(1));
    const store = await open(20);
    await store.hold(
      'model',
      sources.map(({ file }) => file.sha256),
    );
    await Promise.all(sources.map(({ file, download }) => store.fetch(file, download)));
    expect(await store.sizeBytes()).toBe(20 * UNIT_BYTES);
  });
});

describe('a download that has failed', () => {
  test('gives its room to others, and what has arrived of it goes first', async () => {
    const store = await open(10);
    const [failed, other] = [new Source(6), new Source(6)];
    await expect(store.fetch(failed.file, failed.failingDownload)).rejects.toThrow('went away');
    expect(partials()).toHaveLength(1);
    await store.fetch(other.file, other.download);
    expect([partials(), await isKept(store, other)]).toEqual([[], [true]]);
  });

  test('counts with what is there of it, so that the bound holds', async () => {
    // GIVEN a file that is in use, and what is left of another, with room beside the first
    const store = await open(10);
    const [used, failed, other] = [new Source(4), new Source(3), new Source(6)];
    await store.hold('model', [used.file.sha256]);
    await store.fetch(used.file, used.download);
    await expect(store.fetch(failed.file, failed.failingDownload)).rejects.toThrow('went away');
    // WHEN a file takes all of that room
    await store.fetch(other.file, other.download);
    // THEN
    expect(await store.sizeBytes()).toBeLessThanOrEqual(10 * UNIT_BYTES);
    expect(await isKept(store, used, other)).toEqual([true, true]);
  });

  test('stays while it is wanted and there is room without it, even where a version goes for that', async () => {
    // GIVEN an old file that nobody uses, and what is left of one that is wanted
    const store = await open(10);
    const [old, failed, other] = [new Source(4), new Source(3), new Source(6)];
    await store.fetch(old.file, old.download);
    await store.hold('model', [failed.file.sha256]);
    await expect(store.fetch(failed.file, failed.failingDownload)).rejects.toThrow('went away');
    await store.fetch(other.file, other.download);
    expect([partials().length, await isKept(store, old, other)]).toEqual([1, [false, true]]);
  });
});

describe('a download of another process', () => {
  let child: ChildProcess;
  beforeEach(() => {
    child = spawn('sleep', ['600']);
  });
  afterEach(() => {
    child.kill('SIGKILL');
  });

  test('has its room, until the process ends', async () => {
    // GIVEN one that has begun and written nothing
    const store = await open(10);
    const [theirs, ours] = [new Source(6), new Source(6)];
    const path = join(directory, 'partial', `${theirs.file.sha256}.${child.pid}`);
    await (await PartialFile.open(path, theirs.file.sizeBytes, PART_BYTES)).close();
    // THEN
    await expect(store.fetch(ours.file, ours.download)).rejects.toThrow(
      `is limited to ${10 * UNIT_BYTES} bytes, of which ${6 * UNIT_BYTES} are in use and ${6 * UNIT_BYTES} more are needed`,
    );
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    expect(await store.fetch(ours.file, ours.download)).toBe('fetched');
  });
});
