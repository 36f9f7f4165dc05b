import { METRICS, POOL_LABEL, RECORDED_METRICS } from '../../lib/contract';
import type { Spec, SpecPool } from '../../lib/spec/load';

/** How far a quantile looks back: eight scrapes, so that one that fails does not change the answer. */
export const WINDOW = '2m';

/** Times the SLO beyond which a p95 says nothing more: one stalled scrape must not drive a pool to its maximum. */
const CLAMP_AT_SLOS = 2;

/** PromQL label matchers of a pool's replicas. */
export function poolMatchers(spec: Spec, pool: SpecPool): string {
  return `namespace="${spec.name}",${POOL_LABEL}="${pool.name}"`;
}

/**
 * The scaler's signal in seconds, for each replica: the p95 of the pool's slowest model, at most twice the SLO.
 *
 * - The HPA takes the mean over replicas, and a mean of p95s is no p95; the mean of equal numbers is. So every replica
 *   carries the p95 of the whole pool. One without requests takes part with the same number, and a pool without any
 *   counts as 0 s, so that it can scale down.
 * - By model, because one that gets few requests can miss its SLO without moving the p95 of all. Where a model's SLO is
 *   looser than the pool's, its p95 counts in proportion: at its SLO it shows as the pool's.
 * - Answers from the cache are left out: they say nothing about replicas.
 *
 * @param p95Ms target of the pool
 */
export function scalerLatency(spec: Spec, pool: SpecPool, p95Ms: number): string {
  const replicas = `0 * sum by (namespace, pod, ${POOL_LABEL}) (process_start_time_seconds{${poolMatchers(spec, pool)}})`;
  const models = modelsBySlo(spec, pool).map(([sloMs, names]) => {
    const quantile = p95OfRuns(`${poolMatchers(spec, pool)},model=~"${names.join('|')}"`);
    return sloMs === p95Ms ? quantile : `${quantile} * ${p95Ms / sloMs}`;
  });
  // `>= 0` drops the NaN of a quantile over nothing.
  return `clamp_max(${replicas} + scalar((max(${models.join(' or ')}) >= 0) or vector(0)), ${seconds(CLAMP_AT_SLOS * p95Ms)})`;
}

/** The same signal as one number for the pool. */
export function poolP95(spec: Spec, pool: SpecPool): string {
  return `max(${RECORDED_METRICS.scalerLatency}{${poolMatchers(spec, pool)}})`;
}

/** Milliseconds as PromQL's seconds. */
export function seconds(ms: number): string {
  return String(ms / 1000);
}

function p95OfRuns(matchers: string): string {
  const buckets = `${METRICS.predictionLatency}_bucket{${matchers},cache!="hit"}`;
  return `histogram_quantile(0.95, sum by (le, model) (rate(${buckets}[${WINDOW}])))`;
}

function modelsBySlo(spec: Spec, pool: SpecPool): [p95Ms: number, names: string[]][] {
  const groups = new Map<number, string[]>();
  for (const { name, slo } of spec.models.filter((model) => model.pool === pool.name)) {
    if (slo !== undefined) groups.set(slo.p95Ms, [...(groups.get(slo.p95Ms) ?? []), name]);
  }
  return [...groups].sort(([a], [b]) => a - b);
}
