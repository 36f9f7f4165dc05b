import { RECORDED_METRICS } from '../contract';
import type { SpecPool } from '../spec/load';
import { type HpaMetric, type HpaSpec, scaleDownRules, scaleUpRules } from './simulate/hpa-spec';

/**
 * How fast the replicas of a pool may change, in the charts and in the simulation.
 *
 * Up at once, because a queue that forms while the scaler thinks costs the SLO: doubling, or 4 where that is more, every
 * 15 s, which is how often the controller looks; 2 → 6 → 12 → 20. Down slowly, because a replica too few is paid in
 * latency and one too many only in money: the highest need of the last 5 minutes counts, and at most a tenth of the
 * replicas goes each minute.
 */
export const SCALING_BEHAVIOR = {
  scaleUp: {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [
      { type: 'Percent', value: 100, periodSeconds: 15 },
      { type: 'Pods', value: 4, periodSeconds: 15 },
    ],
  },
  scaleDown: {
    stabilizationWindowSeconds: 300,
    selectPolicy: 'Max',
    policies: [{ type: 'Percent', value: 10, periodSeconds: 60 }],
  },
} as const;

/** The HPA that the charts make of a pool: CPU, and the p95 of its SLO. */
export function poolHpa({ minReplicas, maxReplicas, cpuUtilization, slo }: SpecPool): HpaSpec {
  const cpu: HpaMetric = { source: 'cpu', targetPercent: cpuUtilization };
  const latency: HpaMetric[] =
    slo === undefined
      ? []
      : [{ source: 'pods', name: RECORDED_METRICS.scalerLatency, targetMilli: Math.ceil(slo.p95Ms) }];
  return {
    minReplicas,
    maxReplicas,
    metrics: [cpu, ...latency],
    behavior: {
      scaleUp: scaleUpRules(SCALING_BEHAVIOR.scaleUp),
      scaleDown: scaleDownRules(SCALING_BEHAVIOR.scaleDown),
    },
  };
}
