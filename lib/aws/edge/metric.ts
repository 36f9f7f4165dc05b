import type { Duration } from 'aws-cdk-lib';
import type { IDistribution } from 'aws-cdk-lib/aws-cloudfront';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { whereEnough } from '../enough-requests';
import { PropsError } from '../errors';
import type { ObservedFirewall } from '../firewall/metric';

/** An entrance at the edge as it is watched. */
export interface ObservedFrontDoor {
  /** With its additional metrics switched on. */
  readonly distribution: IDistribution;
  /** Name of the function that each request passes first. */
  readonly functionName: string;
  readonly firewall: ObservedFirewall;
  /**
   * Milliseconds within which the slowest pool behind it is to answer 95 of 100 requests.
   * @default no objective, and no alarm on latency
   */
  readonly p95Ms?: number | undefined;
}

/** CloudFront is one for all regions, which is what it calls its region. */
const GLOBAL = { Region: 'Global' } as const;

/** A metric of the distribution. Rates are percents of all requests. */
export function distributionMetric(
  { distribution }: ObservedFrontDoor,
  metricName: string,
  period: Duration,
  statistic: string,
): Metric {
  const dimensionsMap = { DistributionId: distribution.distributionId, ...GLOBAL };
  return new Metric({ namespace: 'AWS/CloudFront', metricName, dimensionsMap, period, statistic, label: metricName });
}

/** A metric of the function. */
export function functionMetric(
  { functionName: FunctionName }: ObservedFrontDoor,
  metricName: string,
  period: Duration,
  statistic: string,
): Metric {
  const dimensionsMap = { FunctionName, ...GLOBAL };
  return new Metric({ namespace: 'AWS/CloudFront', metricName, dimensionsMap, period, statistic, label: metricName });
}

/** Percent of all requests that were answered so; 0 where there are too few to tell. */
export function ratePercent(door: ObservedFrontDoor, rateName: string, period: Duration): MathExpression {
  return new MathExpression({
    label: `${rateName}, percent`,
    period,
    expression: whereEnough('FILL(requests, 0)', 'FILL(rate, 0)'),
    usingMetrics: {
      requests: distributionMetric(door, 'Requests', period, Stats.SUM),
      rate: distributionMetric(door, rateName, period, Stats.AVERAGE),
    },
  });
}

/** Requests that got no answer from the function: it failed, answered what CloudFront does not take, or was stopped. */
export function functionFailures(door: ObservedFrontDoor, period: Duration): MathExpression {
  const sum = (name: string) => functionMetric(door, name, period, Stats.SUM);
  return new MathExpression({
    label: 'function failures',
    period,
    expression: 'FILL(failed, 0) + FILL(invalid, 0) + FILL(throttled, 0)',
    usingMetrics: {
      failed: sum('FunctionExecutionErrors'),
      invalid: sum('FunctionValidationErrors'),
      throttled: sum('FunctionThrottles'),
    },
  });
}

/** @throws PropsError for an objective that is no time */
export function checkFrontDoor(prop: string, { p95Ms }: ObservedFrontDoor): void {
  if (p95Ms === undefined || p95Ms > 0) return;
  throw new PropsError(prop, p95Ms, 'p95Ms above 0');
}
