import { Duration } from 'aws-cdk-lib';
import { type Dashboard, type IAlarm, type IWidget, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { graph } from '../dashboard-graph';
import { dashboardPage } from '../dashboard-page';
import { checkEdgeRegion } from '../edge/edge-region';
import {
  checkFrontDoor,
  distributionMetric,
  functionFailures,
  functionMetric,
  type ObservedFrontDoor,
} from '../edge/metric';
import { firewallMetric, refusedPercent } from '../firewall/metric';
import { MAX_WAY_MS } from './front-door-alarms';

export interface FrontDoorDashboardProps {
  /** What is above the graphs. */
  readonly title: string;

  readonly frontDoor: ObservedFrontDoor;

  /**
   * Alarms whose state is shown on top, at most 100.
   * @default none
   */
  readonly alarms?: readonly IAlarm[];
}

const PERIOD = Duration.minutes(1);

/**
 * One page for an entrance at the edge: what callers of all regions get, and who is refused before any region is asked.
 * For the stack in us-east-1, where CloudFront and its firewall are counted.
 */
export class FrontDoorDashboard extends Construct {
  readonly dashboard: Dashboard;

  /** @throws PropsError for a stack in another region, or an objective that is no time */
  constructor(scope: Construct, id: string, { title, frontDoor, alarms = [] }: FrontDoorDashboardProps) {
    super(scope, id);
    checkEdgeRegion(this, 'FrontDoorDashboard', 'a dashboard of CloudFront');
    checkFrontDoor('FrontDoorDashboard.frontDoor', frontDoor);
    const rows = [answersRow(frontDoor), refusalsRow(frontDoor)];
    this.dashboard = dashboardPage(this, { title, alarms, rows });
  }
}

function answersRow(frontDoor: ObservedFrontDoor): IWidget[] {
  const { p95Ms } = frontDoor;
  const metric = (name: string, statistic: string) => distributionMetric(frontDoor, name, PERIOD, statistic);
  return [
    graph('requests/min', [metric('Requests', Stats.SUM)]),
    graph(
      'latency of the regions, ms',
      [50, 95, 99].map((percentile) => metric('OriginLatency', Stats.percentile(percentile))),
      p95Ms === undefined ? {} : { limit: p95Ms + MAX_WAY_MS, limitLabel: 'p95 to keep, with the way' },
    ),
    graph(
      'failed, percent',
      ['5xxErrorRate', '502ErrorRate', '503ErrorRate', '504ErrorRate'].map((name) => metric(name, Stats.AVERAGE)),
    ),
    graph('from the cache, percent', [metric('CacheHitRate', Stats.AVERAGE)]),
  ];
}

function refusalsRow(frontDoor: ObservedFrontDoor): IWidget[] {
  const { firewall } = frontDoor;
  return [
    graph('without a known key, percent', [distributionMetric(frontDoor, '401ErrorRate', PERIOD, Stats.AVERAGE)]),
    graph('refused by the firewall, percent', [refusedPercent(firewall, PERIOD)]),
    graph('seen by the firewall/min', [
      firewallMetric(firewall, 'AllowedRequests', PERIOD),
      firewallMetric(firewall, 'BlockedRequests', PERIOD),
    ]),
    graph('function: failures/min, and percent of its time', [
      functionFailures(frontDoor, PERIOD),
      functionMetric(frontDoor, 'FunctionComputeUtilization', PERIOD, Stats.AVERAGE),
    ]),
  ];
}
