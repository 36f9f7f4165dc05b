/** Runs tasks in the order given, a bounded number at the same time. */
export class LoadQueue {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(concurrency: number) {
    this.#free = concurrency;
  }

  async run(task: () => Promise<void>): Promise<void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((start) => this.#waiting.push(start));
    try {
      await task();
    } finally {
      // The place goes straight to the next task, so that none can slip in before it.
      const start = this.#waiting.shift();
      if (start === undefined) this.#free += 1;
      else start();
    }
  }
}
