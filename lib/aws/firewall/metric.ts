import type { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';

/** A firewall as it is watched. */
export interface ObservedFirewall {
  /** Under which CloudWatch counts its requests. */
  readonly metricName: string;
  /** Undefined for that of CloudFront, which CloudWatch counts without a region. */
  readonly region: string | undefined;
}

/** Requests that all rules together allowed or refused. */
export function firewallMetric(
  { metricName: WebACL, region }: ObservedFirewall,
  metricName: 'AllowedRequests' | 'BlockedRequests',
  period: Duration,
): Metric {
  return new Metric({
    namespace: 'AWS/WAFV2',
    metricName,
    dimensionsMap: { WebACL, Rule: 'ALL', ...(region !== undefined && { Region: region }) },
    period,
    statistic: Stats.SUM,
    label: metricName,
  });
}

/** A flood that it holds off is its work; one that stays is worth a look, and so is a consumer whom it holds off. */
export const MAX_REFUSED_PERCENT = 20;

/** In a period with fewer requests, one of them would decide. */
const MIN_REQUESTS = 20;

/** Percent of requests that it refused; 0 where there are too few to tell. */
export function refusedPercent(firewall: ObservedFirewall, period: Duration): MathExpression {
  return new MathExpression({
    label: 'refused, percent',
    period,
    // What did not happen is not counted as 0 but not at all.
    expression: `IF(FILL(allowed, 0) + FILL(refused, 0) >= ${MIN_REQUESTS}, 100 * FILL(refused, 0) / (FILL(allowed, 0) + FILL(refused, 0)), 0)`,
    usingMetrics: {
      allowed: firewallMetric(firewall, 'AllowedRequests', period),
      refused: firewallMetric(firewall, 'BlockedRequests', period),
    },
  });
}
