import type { TrialReport } from './report';

/** Says that other programs spoil too many trials for a capacity to be found. */
export class TooBusyError extends Error {
  constructor() {
    super('other programs keep the machine too busy');
    this.name = 'TooBusyError';
  }
}

/** Trials that may be made again because something else than the service was to blame for a miss. */
export class Repeats {
  /** @param left how many, in all that they are handed to */
  constructor(private left: number) {}

  /** @throws TooBusyError where none is left */
  take(): void {
    if (this.left === 0) throw new TooBusyError();
    this.left--;
  }
}

/**
 * Tries until other programs are not to blame for a miss: such a one says nothing of the service.
 * @throws TooBusyError where they are more often than repeats are left
 */
export async function tryUndisturbed<T extends { readonly report: TrialReport }>(
  tryOnce: () => Promise<T>,
  repeats: Repeats,
): Promise<T> {
  for (;;) {
    const trial = await tryOnce();
    if (trial.report.holds || trial.report.disturbance === undefined) return trial;
    repeats.take();
  }
}
