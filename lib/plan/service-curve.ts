import { latencyCurve } from './latency';
import type { Replica } from './replica';

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
 * The replica's latency curve with admission on top. From the rate on at which p95 reaches the acceptable time, the queue
 * is as long as admission lets it become: the replica answers at its saturation rate, each request after the acceptable
 * time, and refuses the rest.
 */
export function serviceCurve({ capacityQps, idleMs, latency = [] }: Replica, slo: CurveSlo): ServiceCurve {
  if (idleMs >= slo.p95Ms) return hopelessCurve(capacityQps, idleMs, slo);
  const curve = latencyCurve({ capacityQps, sloMs: slo.p95Ms, idleMs, points: latency });
  const calmQps = curve.qpsAt(slo.acceptableMs);
  return {
    calmQps,
    answeredQps: (qps) => Math.min(qps, curve.saturationQps),
    p95Ms: (qps) => (qps > calmQps ? slo.acceptableMs : curve.p95Ms(qps)),
    slowerThan: (ms, qps) => {
      if (qps > calmQps) return ms < slo.acceptableMs ? 1 : 0;
      const { offsetMs } = curve;
      return Math.min(1, 0.05 ** ((ms - offsetMs) / (curve.p95Ms(qps) - offsetMs)));
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
