import type { Replica } from '../replica';

/** −ln 0.05: the 95th percentile of an exponential distribution in units of its mean. */
const P95_OF_EXPONENTIAL = -Math.log(0.05);

/** How a replica answers under a steady load, given in requests/s offered to it. */
export interface ServiceCurve {
  /** Requests/s up to which none is refused. */
  readonly calmQps: number;
  /** Requests/s that it answers; the others are refused at once, since they would not be answered in time. */
  answeredQps(qps: number): number;
  /** 95th percentile of the time of those answered. */
  p95Ms(qps: number): number;
  /** Share of those answered that takes longer than `ms`. */
  slowerThan(ms: number, qps: number): number;
}

/** Latencies that the curve is held against. */
export interface CurveSlo {
  readonly p95Ms: number;
  readonly acceptableMs: number;
}

/**
 * Latency as that of a queue with one server and random arrivals (M/M/1): the time in the system is exponential with the
 * rate μ − λ, so its 95th percentile is −ln 0.05 / (μ − λ). Two measured points fix the curve: the time of a request
 * alone, and the rate at which p95 reaches the SLO. Batches are in the second, as they raise the measured capacity.
 * The saturation rate μ solves p95(capacity) = SLO, where p95(λ) = idle + k/(μ − λ) − k/μ and k = −ln 0.05.
 *
 * From the rate on at which p95 reaches the acceptable time, the queue is as long as admission lets it become: the
 * replica answers at its saturation rate, each request after the acceptable time, and refuses the rest.
 */
export function serviceCurve({ capacityQps, idleMs }: Replica, slo: CurveSlo): ServiceCurve {
  const k = P95_OF_EXPONENTIAL * 1000;
  const riseMs = slo.p95Ms - idleMs;
  if (riseMs <= 0) return hopelessCurve(capacityQps, idleMs, slo);
  const saturationQps = (capacityQps + Math.sqrt(capacityQps ** 2 + (4 * k * capacityQps) / riseMs)) / 2;
  const offsetMs = idleMs - k / saturationQps;
  const calmQps = saturationQps - k / (slo.acceptableMs - offsetMs);
  return {
    calmQps,
    answeredQps: (qps) => Math.min(qps, saturationQps),
    p95Ms: (qps) => (qps > calmQps ? slo.acceptableMs : offsetMs + k / (saturationQps - qps)),
    slowerThan: (ms, qps) => {
      if (qps > calmQps) return ms < slo.acceptableMs ? 1 : 0;
      return Math.min(1, Math.exp(((offsetMs - ms) * (saturationQps - qps)) / 1000));
    },
  };
}

/** A model that alone takes longer than its SLO: it answers, always too late. */
function hopelessCurve(capacityQps: number, idleMs: number, { acceptableMs }: CurveSlo): ServiceCurve {
  const calmQps = idleMs > acceptableMs ? 0 : capacityQps;
  return {
    calmQps,
    answeredQps: (qps) => Math.min(qps, calmQps),
    p95Ms: (qps) => (qps > calmQps ? acceptableMs : idleMs),
    slowerThan: (ms) => (ms < idleMs ? 1 : 0),
  };
}
