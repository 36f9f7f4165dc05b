import type { Batch, Executor } from './executor';
import { type ModelRun, ModelSession, type SessionOptions } from './session';

/** Runs a small model on the calling thread, where the way to another would cost more than the run. */
export class InlineExecutor implements Executor {
  readonly kind = 'inline';
  readonly parallel = 1;
  #free = 1;
  #hasRunInTurn = false;
  readonly #endTurn = (): void => {
    this.#hasRunInTurn = false;
  };

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

  /** Runs only once in a turn of the event loop, which would otherwise not come to its sockets. */
  async run(batch: Batch): Promise<ModelRun> {
    this.#free = 0;
    try {
      if (this.#hasRunInTurn) await new Promise((resolve) => setImmediate(resolve));
      return this.#runInTurn(batch);
    } finally {
      this.#free = 1;
    }
  }

  runAtOnce(batch: Batch): ModelRun | undefined {
    return this.#free === 0 || this.#hasRunInTurn ? undefined : this.#runInTurn(batch);
  }

  #runInTurn({ inputs, outputs }: Batch): ModelRun {
    this.#hasRunInTurn = true;
    setImmediate(this.#endTurn);
    return this.session.run(inputs, outputs);
  }

  async close(): Promise<void> {
    this.session.release();
  }
}
