import { type Duration, Token } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { HttpCodeTarget, type IApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { PropsError } from './errors';

/** Replicas behind one target group of a load balancer, and what they owe their callers. */
export interface ObservedPool {
  readonly name: string;
  readonly targetGroup: IApplicationTargetGroup;
  /**
   * Milliseconds within which 95 of 100 requests are to be answered.
   * @default no objective, and no alarm on latency
   */
  readonly p95Ms?: number | undefined;
  /**
   * Replicas that autoscaling never exceeds.
   * @default no alarm when it stands there
   */
  readonly maxReplicas?: number | undefined;
}

/** Share of requests that may be slower than the objective, in percent: it is one of the p95. */
export const SLOW_BUDGET_PERCENT = 5;

/** In a window with fewer requests, one of them would decide. */
const MIN_REQUESTS = 20;

/** Requests by the statistic of each. */
export function requests(pool: ObservedPool, period: Duration): IMetric {
  return pool.targetGroup.metrics.requestCount({ period, statistic: Stats.SUM, label: 'requests' });
}

/** Seconds from the request to the answer, as the load balancer sees it. */
export function latency(pool: ObservedPool, period: Duration, percentile: number): IMetric {
  const label = `p${percentile}`;
  return pool.targetGroup.metrics.targetResponseTime({ period, statistic: Stats.percentile(percentile), label });
}

/** Percent of requests that took longer than the objective; 0 where there are too few to tell. */
export function slowPercent(pool: ObservedPool, p95Ms: number, period: Duration): IMetric {
  return new MathExpression({
    label: `slower than ${p95Ms} ms, percent`,
    period,
    expression: `IF(FILL(requests, 0) >= ${MIN_REQUESTS}, 100 - FILL(within, 100), 0)`,
    usingMetrics: {
      requests: requests(pool, period),
      // Percentile rank: the share of requests up to a time.
      within: pool.targetGroup.metrics.targetResponseTime({ period, statistic: `PR(:${p95Ms / 1000})` }),
    },
  });
}

/** Percent of requests that the service failed or refused, or that reached no replica; 0 where there are too few. */
export function errorPercent(pool: ObservedPool, period: Duration): IMetric {
  const { metrics } = pool.targetGroup;
  return new MathExpression({
    label: 'errors, percent',
    period,
    expression: `IF(FILL(requests, 0) >= ${MIN_REQUESTS}, 100 * (FILL(failed, 0) + FILL(unreached, 0)) / requests, 0)`,
    usingMetrics: {
      requests: requests(pool, period),
      failed: metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, { period, statistic: Stats.SUM }),
      unreached: metrics.targetConnectionErrorCount({ period, statistic: Stats.SUM }),
    },
  });
}

/** Replicas that are ready. */
export function readyReplicas(pool: ObservedPool, period: Duration): IMetric {
  return pool.targetGroup.metrics.healthyHostCount({ period, statistic: Stats.MINIMUM });
}

/** @throws PropsError for an objective that is no time */
export function checkPools(prop: string, pools: readonly ObservedPool[]): void {
  if (pools.length === 0) throw new PropsError(prop, 'an empty list', 'at least one pool');
  for (const { name, p95Ms } of pools) {
    if (p95Ms === undefined || Token.isUnresolved(p95Ms) || p95Ms > 0) continue;
    throw new PropsError(`${prop} ${name}`, p95Ms, 'p95Ms above 0');
  }
}
