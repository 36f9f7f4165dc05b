import type { TrialReport } from '../../../../cli/load/capacity/report';

/** A trial of a service that answers all in time, with changes. */
export function trialOf(qps: number, changes: Partial<TrialReport> = {}): TrialReport {
  return {
    qps,
    answeredQps: qps,
    latencyMs: { p50: 1, p90: 2, p95: 3, p99: 4, p999: 5, max: 6 },
    lost: 0,
    holds: true,
    slo: [],
    cpuSecondsPerRequest: 0.0005,
    cores: 0.5,
    generatorLimits: [],
    disturbance: undefined,
    ...changes,
  };
}
