import { type Duration, Token } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { ApplicationLoadBalancer, ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { whereEnough } from './enough-requests';
import { PropsError } from './errors';

/** Replicas behind one target group of a load balancer, and what they owe their callers. */
export interface ObservedPool {
  readonly name: string;
  readonly targetGroup: ApplicationTargetGroup;
  /** That asks the target group. */
  readonly loadBalancer: ApplicationLoadBalancer;
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

/** Requests by the statistic of each. */
export function requests(pool: ObservedPool, period: Duration): IMetric {
  return metric(pool, 'RequestCount', period, Stats.SUM, 'requests');
}

/** Seconds from the request to the answer, as the load balancer sees it. */
export function latency(pool: ObservedPool, period: Duration, percentile: number): IMetric {
  return metric(pool, 'TargetResponseTime', period, Stats.percentile(percentile), `p${percentile}`);
}

/** Percent of requests that took longer than the objective; 0 where there are too few to tell. */
export function slowPercent(pool: ObservedPool, p95Ms: number, period: Duration): IMetric {
  return new MathExpression({
    label: `slower than ${p95Ms} ms, percent`,
    period,
    expression: whereEnough('FILL(requests, 0)', '100 - FILL(within, 100)'),
    usingMetrics: {
      requests: requests(pool, period),
      // Percentile rank: the share of requests up to a time.
      within: metric(pool, 'TargetResponseTime', period, `PR(:${p95Ms / 1000})`),
    },
  });
}

/** Percent of requests that the service failed or refused, or that reached no replica; 0 where there are too few. */
export function errorPercent(pool: ObservedPool, period: Duration): IMetric {
  return new MathExpression({
    label: 'errors, percent',
    period,
    expression: whereEnough('FILL(requests, 0)', '100 * (FILL(failed, 0) + FILL(unreached, 0)) / requests'),
    usingMetrics: {
      requests: requests(pool, period),
      failed: metric(pool, 'HTTPCode_Target_5XX_Count', period, Stats.SUM),
      unreached: metric(pool, 'TargetConnectionErrorCount', period, Stats.SUM),
    },
  });
}

/** Replicas that are ready. */
export function readyReplicas(pool: ObservedPool, period: Duration): IMetric {
  return metric(pool, 'HealthyHostCount', period, Stats.MINIMUM);
}

/**
 * A metric of one target group. CDK's own take the name of the load balancer out of the ARN of a listener, each time
 * anew, which makes a template with hundreds of them twice as long.
 */
function metric(
  { targetGroup, loadBalancer }: ObservedPool,
  metricName: string,
  period: Duration,
  statistic: string,
  label?: string,
): Metric {
  return new Metric({
    namespace: 'AWS/ApplicationELB',
    metricName,
    dimensionsMap: {
      LoadBalancer: loadBalancer.loadBalancerFullName,
      TargetGroup: targetGroup.targetGroupFullName,
    },
    period,
    statistic,
    ...(label !== undefined && { label }),
  });
}

/** @throws PropsError for an objective that is no time */
export function checkPools(prop: string, pools: readonly ObservedPool[]): void {
  if (pools.length === 0) throw new PropsError(prop, 'an empty list', 'at least one pool');
  for (const { name, p95Ms } of pools) {
    if (p95Ms === undefined || Token.isUnresolved(p95Ms) || p95Ms > 0) continue;
    throw new PropsError(`${prop} ${name}`, p95Ms, 'p95Ms above 0');
  }
}
