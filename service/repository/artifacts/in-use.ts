import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../../../lib/spec/code-of';

/**
 * Which files processes on this machine use, one list per process, named by its id. The list of a process that has
 * ended no longer counts.
 */
export class InUse {
  readonly #held = new Map<string, ReadonlySet<string>>();
  /** Writes follow each other, so that the last one is the one that stays. */
  #written: Promise<void> = Promise.resolve();

  constructor(
    private readonly directory: string,
    private readonly pid = process.pid,
  ) {}

  /** Replaces what the holder held. Resolves when other processes can see it. */
  hold(holder: string, digests: Iterable<string>): Promise<void> {
    this.#held.set(holder, new Set(digests));
    const write = this.#written.then(() => this.#write());
    this.#written = write.catch(() => undefined);
    return write;
  }

  async digests(): Promise<Set<string>> {
    const digests = new Set([...this.#held.values()].flatMap((held) => [...held]));
    for (const name of await readdir(this.directory)) {
      const pid = Number(name);
      // A hidden one is being written.
      if (pid === this.pid || name.startsWith('.')) continue;
      const path = join(this.directory, name);
      if (this.isAlive(pid)) {
        for (const digest of (await readFile(path, 'utf8').catch(() => '')).split('\n')) digests.add(digest);
      } else {
        await rm(path, { force: true });
      }
    }
    return digests;
  }

  /** False for what an earlier process with this one's id left: it cannot run beside this one. */
  isAlive(pid: number): boolean {
    if (!Number.isInteger(pid) || pid <= 0 || pid === this.pid) return false;
    try {
      process.kill(pid, 0);
      return true;
    } catch (error) {
      // A process of another user exists, too.
      return codeOf(error) === 'EPERM';
    }
  }

  async #write(): Promise<void> {
    const path = join(this.directory, String(this.pid));
    const digests = new Set([...this.#held.values()].flatMap((held) => [...held]));
    const temporary = join(this.directory, `.${this.pid}`);
    await writeFile(temporary, [...digests].join('\n'));
    await rename(temporary, path);
  }
}
