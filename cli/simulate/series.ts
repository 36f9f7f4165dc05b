import type { PoolRun } from '../../lib/plan/simulate/pool-run';
import { sixDigits } from '../report/numbers';

/** What happened in one span of a run. */
export interface SeriesPoint {
  /** Seconds from the beginning. */
  readonly t: number;
  /** Mean. */
  readonly qps: number;
  /** Mean. */
  readonly lostQps: number;
  /** Highest. */
  readonly p95Ms: number;
  /** Most asked for. */
  readonly replicas: number;
  /** Fewest ready. */
  readonly ready: number;
}

/** A run in at most `points` spans of equal length; what is bad for the service is kept, not averaged away. */
export function summarize(run: PoolRun, points: number): SeriesPoint[] {
  const steps = run.qps.length;
  const span = Math.ceil(steps / points);
  return Array.from({ length: Math.ceil(steps / span) }, (_, i) => {
    const of = (values: Float64Array) => values.subarray(i * span, (i + 1) * span);
    return {
      t: i * span * run.stepSeconds,
      qps: sixDigits(mean(of(run.qps))),
      lostQps: sixDigits(mean(of(run.lostQps))),
      p95Ms: sixDigits(Math.max(...of(run.p95Ms))),
      replicas: Math.max(...of(run.replicas)),
      ready: Math.min(...of(run.ready)),
    };
  });
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
