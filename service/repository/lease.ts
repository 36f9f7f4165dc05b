import type { ServedModel } from './served-model';

/** The right to use a model until {@link release}. Its runtime stays open at least that long. */
export class Lease {
  #holder: ModelHolder | undefined;

  constructor(
    readonly model: ServedModel,
    holder: ModelHolder,
  ) {
    this.#holder = holder;
  }

  /** Gives the model back. A second call does nothing, so that one request can never end the lease of another. */
  release(): void {
    const holder = this.#holder;
    this.#holder = undefined;
    holder?.giveBack();
  }
}

/** Counts the leases of one loaded model, and closes it once it is retired and the last lease has come back. */
export class ModelHolder {
  #leases = 0;
  #close: (() => void) | undefined;

  constructor(readonly model: ServedModel) {}

  acquire(): Lease {
    this.#leases += 1;
    return new Lease(this.model, this);
  }

  /** For {@link Lease} alone. */
  giveBack(): void {
    this.#leases -= 1;
    if (this.#leases === 0) this.#close?.();
  }

  /** To be called once, when nobody can acquire the model any more. Resolves when its runtime is closed. */
  async retire(): Promise<void> {
    if (this.#leases > 0) {
      await new Promise<void>((resolve) => {
        this.#close = resolve;
      });
    }
    await this.model.runtime.close();
  }
}
