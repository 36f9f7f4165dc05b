interface Waiting<T> {
  /** Where its keys begin among those of the turn. */
  readonly from: number;
  readonly count: number;
  readonly resolve: (values: readonly T[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Lookups of one turn of the event loop, done as one: what a lookup costs beside its keys is then paid once. They leave
 * in that turn, behind all promises that are settled in it.
 */
export class TurnBatch<T> {
  #keys: string[] = [];
  #waiting: Waiting<T>[] = [];

  /** @param fetch gives one value per key, in their order */
  constructor(private readonly fetch: (keys: readonly string[]) => Promise<readonly T[]>) {}

  /** One value per key. @throws what the common lookup throws */
  get(keys: readonly string[]): Promise<readonly T[]> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) process.nextTick(() => this.#send());
      this.#waiting.push({ from: this.#keys.length, count: keys.length, resolve, reject });
      for (const key of keys) this.#keys.push(key);
    });
  }

  #send(): void {
    const [keys, waiting] = [this.#keys, this.#waiting];
    this.#keys = [];
    this.#waiting = [];
    this.fetch(keys).then(
      (values) => {
        for (const { from, count, resolve } of waiting) resolve(values.slice(from, from + count));
      },
      (error: unknown) => {
        for (const { reject } of waiting) reject(error);
      },
    );
  }
}
