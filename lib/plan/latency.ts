/** −ln 0.05: the 95th percentile of an exponential distribution in units of its mean. */
const P95_OF_EXPONENTIAL = -Math.log(0.05);

/** p95 at a rate, both measured. */
export interface RatedLatency {
  readonly qps: number;
  readonly p95Ms: number;
}

/** What a latency curve is drawn through. */
export interface CurveInput {
  /** Rate at which p95 reaches `sloMs`. */
  readonly capacityQps: number;
  readonly sloMs: number;
  /** Time of a request alone, below `sloMs`. */
  readonly idleMs: number;
  /** Measured below the capacity, in any order; none is needed. */
  readonly points: readonly RatedLatency[];
}

/** p95 of a replica over the rate offered to it. */
export interface LatencyCurve {
  /** Rate that the curve never reaches. */
  readonly saturationQps: number;
  /** Begin of the exponential that the times in the system follow; below the time of a request alone. */
  readonly offsetMs: number;
  /** For rates below saturation. */
  p95Ms(qps: number): number;
  /** The rate at which p95 is `ms`; 0 for times that are never that short. */
  qpsAt(ms: number): number;
}

interface Knot {
  readonly x: number;
  readonly ms: number;
}

/**
 * Latency as that of a queue with one server and random arrivals (M/M/1), through what was measured. The time in such a
 * system is exponential with the rate μ − λ, so its 95th percentile is idle + (k/μ)·x, with k = −ln 0.05 and
 * x = λ/(μ − λ): a straight line over x. Batches are in the measured capacity, which they raise. μ solves p95(capacity) = SLO.
 *
 * A real replica is no such queue below its knee: one event loop, collected garbage and batches make p95 rise earlier and
 * flatter. So measured points bend the line: between two of them p95 is straight over x. See docs/decisions.
 */
export function latencyCurve({ capacityQps, sloMs, idleMs, points }: CurveInput): LatencyCurve {
  const k = P95_OF_EXPONENTIAL * 1000;
  const riseMs = sloMs - idleMs;
  const saturationQps = (capacityQps + Math.sqrt(capacityQps ** 2 + (4 * k * capacityQps) / riseMs)) / 2;
  const xOf = (qps: number): number => qps / (saturationQps - qps);
  const slope = k / saturationQps;
  const knots = risingKnots(points, idleMs, sloMs, capacityQps, xOf);
  const last = knots.at(-1) ?? { x: 0, ms: idleMs };
  return {
    saturationQps,
    offsetMs: idleMs - slope,
    p95Ms: (qps) => {
      const x = xOf(qps);
      return x >= last.x ? last.ms + slope * (x - last.x) : between(knots, x, 'x', 'ms');
    },
    qpsAt: (ms) => {
      const x = ms >= last.ms ? last.x + (ms - last.ms) / slope : between(knots, ms, 'ms', 'x');
      return (saturationQps * x) / (1 + x);
    },
  };
}

/**
 * From nothing to the capacity; a point that lies below one before it is noise, and is lifted to it. Of several at one
 * rate the highest counts: a step would have no inverse.
 */
function risingKnots(
  points: readonly RatedLatency[],
  idleMs: number,
  sloMs: number,
  capacityQps: number,
  xOf: (qps: number) => number,
): Knot[] {
  const below = points.filter(({ qps }) => qps > 0 && qps < capacityQps).sort((a, b) => a.qps - b.qps);
  let highest = idleMs;
  const measured = below.map(({ qps, p95Ms }) => {
    highest = Math.min(sloMs, Math.max(highest, p95Ms));
    return { x: xOf(qps), ms: highest };
  });
  const distinct = measured.filter(({ x }, i) => x !== measured[i + 1]?.x);
  return [{ x: 0, ms: idleMs }, ...distinct, { x: xOf(capacityQps), ms: sloMs }];
}

/** On the straight line between the two knots around a value; the first knot's where it lies before all. */
function between(knots: readonly Knot[], value: number, from: keyof Knot, to: keyof Knot): number {
  const i = knots.findIndex((knot) => knot[from] > value);
  const [before, after] = [knots[i - 1], knots[i]];
  if (before === undefined || after === undefined) return knots[0]?.[to] ?? 0;
  const share = (value - before[from]) / (after[from] - before[from]);
  return before[to] + share * (after[to] - before[to]);
}
