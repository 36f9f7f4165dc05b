/** How one rate was tried: to find the capacity, or for longer to confirm it. */
export type Effort = 'search' | 'confirm';

/** Says whether the SLO holds at a rate, by trying. */
export type HoldsAt = (qps: number, effort: Effort) => Promise<boolean>;

export interface SearchOptions {
  readonly startQps: number;
  /** Not tried beyond. */
  readonly maxQps: number;
}

/** Highest rate at which the SLO holds. */
export interface Found {
  /** Undefined where it holds at no rate that was tried. */
  readonly capacityQps: number | undefined;
  /** Whether it held at the highest rate allowed, so that the capacity is that or more. */
  readonly atLeast: boolean;
}

interface Bracket {
  readonly low: number;
  readonly high: number;
}

/** Below it nobody asks for a capacity. */
const LOWEST_QPS = 0.5;
/** Share to which doubling and bisection bring the bracket; below it chance decides about single trials. */
const BRACKET = 0.1;
const STEP_UP = 0.02;
/** Steps down after a no for one step up after a yes: the rates then settle where three of four trials hold. */
const STEPS_DOWN = 3;
const STAIRS = 8;
/** A confirmation is the majority of so many. */
const CONFIRMATIONS = 3;
const UNCONFIRMED_STEP = 0.03;
const MAX_STEPS_DOWN = 20;

/**
 * Finds the highest rate at which the SLO holds. Doubles until it does not and bisects by ratio; a no counts there only
 * when it is said twice, since one bad second of a shared machine is no limit of the service. Around the capacity it is
 * chance whether a trial holds, so the last step is a staircase (weighted up-down method: C. Kaernbach, "Simple adaptive
 * testing with the weighted up-down method", Perception & Psychophysics 49, 1991) whose mean counts, confirmed by two of
 * three longer trials.
 */
export async function findCapacity(holdsAt: HoldsAt, options: SearchOptions): Promise<Found> {
  const { maxQps } = options;
  const bracket = await bracketOf(holdsAt, options);
  if (bracket === undefined) return { capacityQps: undefined, atLeast: false };
  let qps = bracket.high === Number.POSITIVE_INFINITY ? maxQps : await climb(holdsAt, bracket, maxQps);
  for (let step = 0; step < MAX_STEPS_DOWN; step++) {
    if (await isConfirmed(holdsAt, qps)) return { capacityQps: qps, atLeast: qps >= maxQps };
    qps *= 1 - UNCONFIRMED_STEP;
  }
  return { capacityQps: undefined, atLeast: false };
}

/** Two rates near each other, of which the SLO holds at one; the other is infinite where it holds at all that are allowed. */
async function bracketOf(holdsAt: HoldsAt, { startQps, maxQps }: SearchOptions): Promise<Bracket | undefined> {
  const holds = async (qps: number) => (await holdsAt(qps, 'search')) || (await holdsAt(qps, 'search'));
  let [low, high] = [Math.min(startQps, maxQps), Number.POSITIVE_INFINITY];
  while (!(await holds(low))) {
    if (low <= LOWEST_QPS) return undefined;
    high = low;
    low = Math.max(LOWEST_QPS, low / 4);
  }
  while (high === Number.POSITIVE_INFINITY && low < maxQps) {
    const next = Math.min(2 * low, maxQps);
    if (await holds(next)) low = next;
    else high = next;
  }
  while (high / low > 1 + BRACKET && high < Number.POSITIVE_INFINITY) {
    const middle = Math.sqrt(low * high);
    if (await holds(middle)) low = middle;
    else high = middle;
  }
  return { low, high };
}

/** Geometric mean of the rates to which the trials lead, without the one that it begins with. */
async function climb(holdsAt: HoldsAt, { low, high }: Bracket, maxQps: number): Promise<number> {
  let qps = Math.sqrt(low * high);
  let logs = 0;
  for (let stair = 0; stair < STAIRS; stair++) {
    qps = (await holdsAt(qps, 'search')) ? Math.min(maxQps, qps * (1 + STEP_UP)) : qps / (1 + STEP_UP) ** STEPS_DOWN;
    logs += Math.log(qps);
  }
  return Math.exp(logs / STAIRS);
}

async function isConfirmed(holdsAt: HoldsAt, qps: number): Promise<boolean> {
  const needed = (CONFIRMATIONS + 1) / 2;
  let [held, missed] = [0, 0];
  while (held < needed && missed < needed) {
    if (await holdsAt(qps, 'confirm')) held++;
    else missed++;
  }
  return held === needed;
}
