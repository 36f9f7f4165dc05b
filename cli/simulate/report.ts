import type { Change } from '../../lib/plan/simulate/advice';
import type { Outcome, PoolOutcome } from '../../lib/plan/simulate/outcome';
import type { PoolTotals } from '../../lib/plan/simulate/pool-run';
import { type SeriesPoint, summarize } from './series';

/** Totals of a pool as they are reported. */
export interface ReportedTotals {
  readonly requests: number;
  readonly lost: number;
  /** Share of all requests that is answered within the SLO. */
  readonly withinSlo: number;
  readonly maxP95Ms: number;
  readonly maxReplicas: number;
  readonly replicaHours: number;
  /** Undefined without a price. */
  readonly costUsd: number | undefined;
}

/** One pool of {@link SimulationReport}. */
export interface PoolReport extends ReportedTotals {
  readonly name: string;
  readonly holds: boolean;
  readonly slo: { readonly p95Ms: number; readonly acceptableMs: number } | undefined;
  readonly minReplicas: number;
  readonly maxReplicasAllowed: number;
  readonly advice:
    | {
        readonly cause: string;
        /** Of the spec. */
        readonly changes: readonly Change[];
        /** Command without which the changes do not count, as a written plan goes before the spec; undefined where none does. */
        readonly replan: string | undefined;
        readonly afterwards: ReportedTotals | undefined;
      }
    | undefined;
  readonly series: readonly SeriesPoint[];
}

/** What `--json` prints, and what the other forms are made of. */
export interface SimulationReport {
  readonly spec: string;
  readonly traffic: string;
  readonly durationSeconds: number;
  readonly growth: number;
  readonly peakQps: number;
  readonly holds: boolean;
  readonly pools: readonly PoolReport[];
  readonly skipped: readonly string[];
  readonly figures: Outcome['figures'];
  readonly warnings: readonly string[];
}

/** Points of a series: five minutes each of a day. */
const POINTS = 288;

/**
 * The outcome in the words of the report.
 * @param replan what has to follow a change of the spec; undefined where no plan goes before it
 */
export function reportOf(outcome: Outcome, replan: string | undefined): SimulationReport {
  const { spec, traffic, options, pools, skipped, holds, figures, warnings } = outcome;
  const price = options.usdPerReplicaHour;
  return {
    spec: spec.name,
    traffic: traffic.name,
    durationSeconds: traffic.durationSeconds,
    growth: options.growth,
    peakQps: spec.peakQps * options.growth * traffic.peakShare,
    holds,
    pools: pools.map((pool) => reportPool(pool, price, replan)),
    skipped,
    figures,
    warnings,
  };
}

function reportPool(
  { pool, run, holds, advice }: PoolOutcome,
  price: number | undefined,
  replan: string | undefined,
): PoolReport {
  return {
    name: pool.name,
    holds,
    slo: pool.slo,
    minReplicas: pool.minReplicas,
    maxReplicasAllowed: pool.maxReplicas,
    ...reportTotals(run.totals, price),
    advice: advice && {
      cause: advice.cause,
      changes: advice.changes,
      replan: advice.changes.length === 0 ? undefined : replan,
      afterwards: advice.totals && reportTotals(advice.totals, price),
    },
    series: summarize(run, POINTS),
  };
}

function reportTotals(totals: PoolTotals, price: number | undefined): ReportedTotals {
  const { requests, lost, withinSlo, maxP95Ms, maxReplicas, replicaSeconds } = totals;
  const replicaHours = replicaSeconds / 3600;
  return {
    requests: Math.round(requests),
    lost: Math.round(lost),
    withinSlo: requests === 0 ? 1 : withinSlo / requests,
    maxP95Ms: Number(maxP95Ms.toPrecision(4)),
    maxReplicas,
    replicaHours: Number(replicaHours.toPrecision(6)),
    costUsd: price === undefined ? undefined : Number((replicaHours * price).toFixed(2)),
  };
}
