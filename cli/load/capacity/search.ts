/** How one rate was tried: to find the capacity, or for longer to confirm it. */
export type Effort = 'search' | 'confirm';

export interface SearchOptions {
  readonly startQps: number;
  /** Not tried beyond. */
  readonly maxQps: number;
  /** The capacity is found to this share. */
  readonly tolerance: number;
}

/** Highest rate at which the SLO holds. */
export interface Found {
  /** Undefined where it holds at no rate that was tried. */
  readonly capacityQps: number | undefined;
  /** Whether it held at the highest rate allowed, so that the capacity is that or more. */
  readonly atLeast: boolean;
}

/** Below it nobody asks for a capacity. */
const LOWEST_QPS = 0.5;
/** Steps down from a rate that was found but not confirmed. */
const MAX_STEPS_DOWN = 20;

/**
 * Finds the highest rate at which `holdsAt` says yes: doubles until it says no, bisects by ratio, and confirms. A no
 * counts only when it is said twice, since one bad second of a shared machine is no limit of the service.
 */
export async function findCapacity(
  holdsAt: (qps: number, effort: Effort) => Promise<boolean>,
  { startQps, maxQps, tolerance }: SearchOptions,
): Promise<Found> {
  const holds = async (qps: number, effort: Effort = 'search') =>
    (await holdsAt(qps, effort)) || (await holdsAt(qps, effort));
  let [low, high] = [Math.min(startQps, maxQps), Number.POSITIVE_INFINITY];
  while (!(await holds(low))) {
    if (low <= LOWEST_QPS) return { capacityQps: undefined, atLeast: false };
    high = low;
    low = Math.max(LOWEST_QPS, low / 4);
  }
  while (high === Number.POSITIVE_INFINITY && low < maxQps) {
    const next = Math.min(2 * low, maxQps);
    if (await holds(next)) low = next;
    else high = next;
  }
  while (high / low > 1 + tolerance && high < Number.POSITIVE_INFINITY) {
    const middle = Math.sqrt(low * high);
    if (await holds(middle)) low = middle;
    else high = middle;
  }
  for (let step = 0; step < MAX_STEPS_DOWN; step++) {
    if (await holds(low, 'confirm')) return { capacityQps: low, atLeast: low >= maxQps };
    low *= 1 - tolerance;
  }
  return { capacityQps: undefined, atLeast: false };
}
