/** A piece of a {@link RateProfile} in which the rate changes evenly from one value to another. */
export interface Stretch {
  readonly seconds: number;
  readonly fromQps: number;
  readonly toQps: number;
}

interface Placed extends Stretch {
  readonly startSeconds: number;
  /** Requests expected before it. */
  readonly before: number;
  /** Requests expected within it. */
  readonly requests: number;
}

/** Offered rate over time, in straight pieces: constant rates, ramps, steps and recorded traces are all made of them. */
export class RateProfile {
  readonly durationSeconds: number;
  /** Requests expected over the whole. */
  readonly requests: number;
  readonly #stretches: readonly Placed[];

  constructor(stretches: readonly Stretch[]) {
    let startSeconds = 0;
    let before = 0;
    this.#stretches = stretches.map((stretch) => {
      const requests = (stretch.seconds * (stretch.fromQps + stretch.toQps)) / 2;
      const placed = { ...stretch, startSeconds, before, requests };
      startSeconds += stretch.seconds;
      before += requests;
      return placed;
    });
    this.durationSeconds = startSeconds;
    this.requests = before;
  }

  /** Requests/s at a time; 0 outside. */
  rateAt(seconds: number): number {
    const stretch = this.#stretches.findLast(({ startSeconds }) => startSeconds <= seconds);
    if (stretch === undefined || seconds > this.durationSeconds) return 0;
    const share = (seconds - stretch.startSeconds) / stretch.seconds;
    return stretch.fromQps + (stretch.toQps - stretch.fromQps) * share;
  }

  /**
   * A function from a number of requests to the time in seconds at which so many are due, undefined where it is more
   * than {@link requests}. To be asked in rising order.
   */
  timeline(): (count: number) => number | undefined {
    let at = 0;
    return (count) => {
      for (; ; at++) {
        const stretch = this.#stretches[at];
        if (stretch === undefined) return undefined;
        if (count <= stretch.before + stretch.requests && stretch.requests > 0) return timeWithin(stretch, count);
      }
    };
  }
}

/** Solves before + from·t + (to − from)/(2·seconds)·t² = count, in the form that does not cancel for small slopes. */
function timeWithin({ startSeconds, seconds, fromQps, toQps, before }: Placed, count: number): number {
  const requests = count - before;
  if (requests <= 0) return startSeconds;
  const slope = (toQps - fromQps) / seconds;
  const root = Math.sqrt(Math.max(0, fromQps * fromQps + 2 * slope * requests));
  return startSeconds + Math.min(seconds, (2 * requests) / (fromQps + root));
}
