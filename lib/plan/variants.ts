import { CACHE_HIT_MS } from './assumptions';
import type { Int8 } from './int8';
import type { ModelTime } from './model-time';
import type { Replica } from './replica';
import { type CurveSlo, serviceCurve } from './service-curve';

/** What a replica's models are changed by: how often they can be run, and how long a request alone takes. */
interface Change {
  /** Factor on the requests/s of the same replica. */
  readonly capacity: number;
  readonly idleMs: number;
}

/** A replica with INT8 versions of its models: only their part of the CPU time shrinks. */
export function withInt8(replica: Replica, time: ModelTime, { idleShare, batchShare }: Int8): Replica {
  const share = modelShare(replica, time);
  return changed(replica, {
    capacity: 1 / (1 - share * (1 - batchShare)),
    idleMs: replica.idleMs - (1 - idleShare) * (time.fixedMs + time.perRowMs),
  });
}

/** A replica that runs row by row; undefined where the mean batch was not measured, and where it is one row. */
export function withoutBatches(replica: Replica, time: ModelTime): Replica | undefined {
  if (time.batchRows === undefined || time.batchRows <= 1) return undefined;
  const share = modelShare(replica, time);
  const slowdown = (time.fixedMs + time.perRowMs) / perRow(time);
  return changed(replica, { capacity: 1 / (1 + share * (slowdown - 1)), idleMs: replica.idleMs });
}

/**
 * p95 of requests of which a share is answered by the cache in next to no time: the time within which those that miss
 * must be so often that of all only one in twenty takes longer.
 */
export function p95WithCache(replica: Replica, slo: CurveSlo, missQps: number, hitRatio: number): number {
  if (hitRatio >= 0.95) return CACHE_HIT_MS;
  const curve = serviceCurve(replica, slo);
  if (hitRatio === 0) return curve.p95Ms(missQps);
  const tail = 0.05 / (1 - hitRatio);
  let [low, high] = [0, curve.p95Ms(missQps)];
  while (high - low > 1e-4 * high) {
    const middle = (low + high) / 2;
    if (curve.slowerThan(middle, missQps) > tail) low = middle;
    else high = middle;
  }
  return Math.max(CACHE_HIT_MS, high);
}

/** Share of a request's CPU time that its model takes. */
function modelShare({ cpuSecondsPerRequest }: Replica, time: ModelTime): number {
  return Math.min(1, perRow(time) / 1000 / cpuSecondsPerRequest);
}

function perRow({ fixedMs, perRowMs, batchRows = 1 }: ModelTime): number {
  return fixedMs / batchRows + perRowMs;
}

function changed(replica: Replica, { capacity, idleMs }: Change): Replica {
  return {
    ...replica,
    capacityQps: replica.capacityQps * capacity,
    cpuSecondsPerRequest: replica.cpuSecondsPerRequest / capacity,
    idleMs,
    ...(replica.latency && { latency: replica.latency.map(({ qps, p95Ms }) => ({ qps: qps * capacity, p95Ms })) }),
  };
}
