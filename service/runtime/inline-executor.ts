import type { Batch, Executor } from './executor';
import { type ModelRun, ModelSession, type SessionOptions } from './session';

/** Runs a small model on the calling thread, where the way to another would cost more than the run. */
export class InlineExecutor implements Executor {
  readonly kind = 'inline';
  readonly parallel = 1;
  #free = 1;
  #hasRunInTurn = false;

  private constructor(private readonly session: ModelSession) {}

  static open(path: string, options: SessionOptions): InlineExecutor {
    return new InlineExecutor(ModelSession.open(path, options));
  }

  free(): number {
    return this.#free;
  }

  readyInMs(): number {
    return 0;
  }

  onFree(): void {
    // Only the end of a run frees this executor.
  }

  /** Runs at once, but only once in a turn of the event loop, which would otherwise not come to its sockets. */
  async run({ inputs, outputs }: Batch): Promise<ModelRun> {
    this.#free = 0;
    try {
      if (this.#hasRunInTurn) await new Promise((resolve) => setImmediate(resolve));
      this.#hasRunInTurn = true;
      setImmediate(() => {
        this.#hasRunInTurn = false;
      });
      return this.session.run(inputs, outputs);
    } finally {
      this.#free = 1;
    }
  }

  async close(): Promise<void> {
    this.session.release();
  }
}
