/** One measured point of the batching curve. */
export interface BatchPoint {
  readonly rows: number;
  /** Duration of a run: the lower quartile, as what takes longer was held up by something else. */
  readonly runMs: number;
}

/** Share of the highest throughput at which a batch is large enough; what is beyond it mostly adds latency. */
const ENOUGH = 0.95;

export function rowsPerSecond({ rows, runMs }: BatchPoint): number {
  return (rows / runMs) * 1000;
}

/**
 * The knee of a batching curve: the smallest batch that reaches 95 % of the highest throughput measured.
 * @param points at least one, in rising order of rows
 * @param limitMs longest run that is allowed, such as the SLO; where none is that short, the smallest batch is the knee
 */
export function kneeOf(points: readonly BatchPoint[], limitMs: number = Number.POSITIVE_INFINITY): BatchPoint {
  const [smallest] = points;
  if (smallest === undefined) throw new RangeError('a batching curve needs at least one point');
  const allowed = points.filter(({ runMs }) => runMs <= limitMs);
  const highest = Math.max(...allowed.map(rowsPerSecond));
  return allowed.find((point) => rowsPerSecond(point) >= ENOUGH * highest) ?? smallest;
}
