import { Duration } from 'aws-cdk-lib';
import { type Dashboard, type IAlarm, type IWidget, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { cacheMetrics, type ObservedCache } from '../cache-metric';
import { graph } from '../dashboard-graph';
import { dashboardPage } from '../dashboard-page';
import { gatewayMetric, type ObservedGateway } from '../gateway/metric';
import {
  checkPools,
  errorPercent,
  latency,
  type ObservedPool,
  readyReplicas,
  requests,
  SLOW_BUDGET_PERCENT,
  slowPercent,
} from '../pool-metrics';

export interface ServiceDashboardProps {
  /** What is above the graphs. */
  readonly title: string;

  /** Attached to a load balancer. */
  readonly pools: readonly ObservedPool[];

  /**
   * Alarms whose state is shown on top, at most 100.
   * @default none
   */
  readonly alarms?: readonly IAlarm[];

  /**
   * Cache that is shown.
   * @default none
   */
  readonly cache?: ObservedCache;

  /**
   * API gateway that is shown.
   * @default none
   */
  readonly gateway?: ObservedGateway;
}

const PERIOD = Duration.minutes(1);

/**
 * One page that answers whether callers get what they are owed, and if not, where it is lost: a row for each pool with
 * its objective, one for the cache and one for the gateway.
 */
export class ServiceDashboard extends Construct {
  readonly dashboard: Dashboard;

  constructor(scope: Construct, id: string, props: ServiceDashboardProps) {
    super(scope, id);
    const { title, pools, alarms = [], cache, gateway } = props;
    checkPools('ServiceDashboard.pools', pools);
    const rows = [
      ...pools.map(poolRow),
      ...(cache ? [cacheRow(cache)] : []),
      ...(gateway ? [gatewayRow(gateway)] : []),
    ];
    this.dashboard = dashboardPage(this, { title, alarms, rows });
  }
}

function poolRow(pool: ObservedPool): IWidget[] {
  const { name, p95Ms, maxReplicas } = pool;
  return [
    graph(
      `${name}: latency, s`,
      [50, 95, 99].map((percentile) => latency(pool, PERIOD, percentile)),
      {
        ...(p95Ms !== undefined && { limit: p95Ms / 1000, limitLabel: 'p95 to keep' }),
      },
    ),
    graph(
      `${name}: percent slow or failed`,
      [...(p95Ms === undefined ? [] : [slowPercent(pool, p95Ms, PERIOD)]), errorPercent(pool, PERIOD)],
      p95Ms === undefined ? {} : { limit: SLOW_BUDGET_PERCENT, limitLabel: 'may be slow' },
    ),
    graph(`${name}: requests/min`, [requests(pool, PERIOD)]),
    graph(`${name}: replicas`, [readyReplicas(pool, PERIOD)], {
      ...(maxReplicas !== undefined && { limit: maxReplicas, limitLabel: 'at most' }),
    }),
  ];
}

function cacheRow(cache: ObservedCache): IWidget[] {
  const metrics = (name: string, statistic: string) =>
    cacheMetrics(cache, name, PERIOD, statistic).map((metric, index) =>
      'serverlessName' in cache ? metric : metric.with({ label: `node ${index + 1}` }),
    );
  const [memory, busy] =
    'serverlessName' in cache
      ? [
          graph('cache: memory, bytes', metrics('BytesUsedForCache', Stats.MAXIMUM)),
          graph('cache: refused commands/min', metrics('ThrottledCmds', Stats.SUM)),
        ]
      : [
          graph('cache: memory, percent', metrics('DatabaseMemoryUsagePercentage', Stats.MAXIMUM)),
          graph('cache: busy, percent', metrics('EngineCPUUtilization', Stats.MAXIMUM)),
        ];
  return [
    graph('cache: hit rate, percent', metrics('CacheHitRate', Stats.AVERAGE)),
    memory,
    busy,
    graph('cache: evictions/min', metrics('Evictions', Stats.SUM)),
  ];
}

function gatewayRow(gateway: ObservedGateway): IWidget[] {
  const metric = (name: string, statistic: string) => gatewayMetric(gateway, name, PERIOD, statistic);
  const p95 = Stats.percentile(95);
  return [
    graph('gateway: requests/min', [metric('Count', Stats.SUM)]),
    graph('gateway: p95, ms', [metric('Latency', p95), metric('IntegrationLatency', p95)]),
    graph('gateway: refused/min', [metric('4XXError', Stats.SUM)]),
    graph('gateway: failed/min', [metric('5XXError', Stats.SUM)]),
  ];
}
