import type { SpecPool } from '../spec/load';
import { LOAD_SHARE } from './assumptions';
import type { Replica } from './replica';
import { shapedTraffic } from './simulate/traffic';

/** Replicas that bear a load, each at most at its share of its capacity (horizontal scaling). */
export function replicasFor(qps: number, { capacityQps }: Replica): number {
  // A rounding error above a whole number is none.
  return Math.max(0, Math.ceil(qps / (capacityQps * LOAD_SHARE) - 1e-9));
}

/**
 * Percent of the requested CPU that a replica uses at its share of its capacity: there more are to be added.
 * At least 1 and at most 100, which an HPA accepts.
 */
export function cpuTarget({ capacityQps, cpuSecondsPerRequest, cpuRequestMilli }: Replica): number {
  const usedMilli = capacityQps * LOAD_SHARE * cpuSecondsPerRequest * 1000;
  return Math.min(100, Math.max(1, Math.floor((100 * usedMilli) / cpuRequestMilli + 1e-9)));
}

const HOURS = 24;
const DAY = shapedTraffic('diurnal');

/** Mean of the requests of a day in proportion to its busiest hour. */
export const MEAN_SHARE =
  Array.from({ length: HOURS }, (_, hour) => DAY.shareAt(hour * 3600)).reduce((sum, share) => sum + share, 0) / HOURS;

/** Replicas in each hour of a day with a given peak, never fewer than the pool holds ready. */
export function replicasOverADay(peakQps: number, replica: Replica, { minReplicas }: SpecPool): number[] {
  return Array.from({ length: HOURS }, (_, hour) =>
    Math.max(minReplicas, replicasFor(peakQps * DAY.shareAt(hour * 3600), replica)),
  );
}
