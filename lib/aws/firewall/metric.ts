import type { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { whereEnough } from '../enough-requests';

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

/** Percent of requests that it refused; 0 where there are too few to tell. */
export function refusedPercent(firewall: ObservedFirewall, period: Duration): MathExpression {
  // What did not happen is not counted as 0 but not at all.
  const all = 'FILL(allowed, 0) + FILL(refused, 0)';
  return new MathExpression({
    label: 'refused, percent',
    period,
    expression: whereEnough(all, `100 * FILL(refused, 0) / (${all})`),
    usingMetrics: {
      allowed: firewallMetric(firewall, 'AllowedRequests', period),
      refused: firewallMetric(firewall, 'BlockedRequests', period),
    },
  });
}
