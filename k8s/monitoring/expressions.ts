import { METRICS, POOL_LABEL, RECORDED_METRICS } from '../../lib/contract';

/** How far a quantile looks back: eight scrapes, so that one that fails does not change the answer. */
export const WINDOW = '2m';

/** Times the SLO beyond which a p95 says nothing more: one stalled scrape must not drive a pool to its maximum. */
const CLAMP_AT_SLOS = 2;

/** PromQL label matchers of a pool's replicas. */
export function poolMatchers(namespace: string, pool: string): string {
  return `namespace="${namespace}",${POOL_LABEL}="${pool}"`;
}

/** p95 in seconds over all requests of a pool that ran a model; answers from the cache say nothing about replicas. */
function p95OfRuns(matchers: string): string {
  return `histogram_quantile(0.95, sum by (le) (rate(${METRICS.predictionLatency}_bucket{${matchers},cache!="hit"}[${WINDOW}])))`;
}

/**
 * The scaler's signal, for each replica: the p95 of the whole pool, at most twice the SLO. The HPA takes the mean over
 * replicas, and a mean of p95s is no p95; the mean of equal numbers is. A replica without requests of its own takes
 * part with the same number, and a pool without any counts as 0 s, so that it can scale down.
 *
 * @param p95Ms target of the pool
 */
export function scalerLatency(namespace: string, pool: string, p95Ms: number): string {
  const matchers = poolMatchers(namespace, pool);
  const replicas = `0 * sum by (namespace, pod, ${POOL_LABEL}) (process_start_time_seconds{${matchers}})`;
  // `>= 0` drops the NaN of a quantile over nothing.
  const p95 = `scalar((${p95OfRuns(matchers)} >= 0) or vector(0))`;
  return `clamp_max(${replicas} + ${p95}, ${(CLAMP_AT_SLOS * p95Ms) / 1000})`;
}

/** The same signal as one number for the pool. */
export function poolP95(namespace: string, pool: string): string {
  return `max(${RECORDED_METRICS.scalerLatency}{${poolMatchers(namespace, pool)}})`;
}
