import type { Batch, Executor } from './executor';
import { type ModelRun, ModelSession, type SessionOptions } from './session';

/** Runs a small model on the calling thread, where the way to another would cost more than the run. */
export class InlineExecutor implements Executor {
  readonly kind = 'inline';
  readonly parallel = 1;
  #free = 1;

  private constructor(private readonly session: ModelSession) {}

  static async open(path: string, options: SessionOptions): Promise<InlineExecutor> {
    return new InlineExecutor(await ModelSession.open(path, options));
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

  async run({ inputs, outputs }: Batch): Promise<ModelRun> {
    this.#free = 0;
    try {
      return await this.session.run(inputs, outputs);
    } finally {
      this.#free = 1;
    }
  }

  close(): Promise<void> {
    return this.session.release();
  }
}
