/** Something that holds ports, connections or threads until it is closed. */
interface Closable {
  close(): PromiseLike<unknown>;
}

/** What a start has opened so far. Where the rest of it fails, all of that is closed: it would keep the process alive. */
export class Opened {
  readonly #parts: Closable[] = [];

  /** @returns what it is given */
  add<T extends Closable>(part: T): T {
    this.#parts.push(part);
    return part;
  }

  /** The newest first. One that cannot be closed keeps no other open: why the start failed is more than that. */
  async close(): Promise<void> {
    for (const part of this.#parts.reverse()) {
      try {
        await part.close();
      } catch {}
    }
  }
}
