import { METRICS, POOL_LABEL, RECORDED_METRICS } from '../../lib/contract';
import type { Spec } from '../../lib/spec/load';
import { WINDOW } from './expressions';

interface Chart {
  readonly title: string;
  readonly unit: string;
  /** PromQL; curves are named by the labels of their series. */
  readonly curves: readonly string[];
}

const WIDTH = 24;
const PANEL = { w: 8, h: 8 };

/**
 * A Grafana dashboard: is the SLO kept, what for, and how much headroom is left. The pool is chosen in a list; the data
 * source is Grafana's default one of Prometheus.
 */
export function dashboard(spec: Spec): object {
  const { name: namespace } = spec;
  return {
    uid: `headroom-${namespace}`.slice(0, 40),
    title: `Headroom: ${namespace}`,
    tags: ['headroom'],
    timezone: 'browser',
    schemaVersion: 39,
    refresh: '15s',
    time: { from: 'now-1h', to: 'now' },
    templating: { list: [poolVariable(spec)] },
    panels: charts(`namespace="${namespace}",${POOL_LABEL}=~"$pool"`, namespace).map(panel),
  };
}

function poolVariable({ pools }: Spec): object {
  const names = pools.map(({ name }) => name);
  return {
    name: 'pool',
    type: 'custom',
    query: names.join(','),
    multi: true,
    includeAll: true,
    current: { text: 'All', value: '$__all' },
    options: names.map((name) => ({ text: name, value: name, selected: false })),
  };
}

function charts(matchers: string, namespace: string): Chart[] {
  const rate = (metric: string, more = '') => `rate(${metric}{${matchers}${more}}[${WINDOW}])`;
  const quantile = (q: number, metric: string, by: string) =>
    `histogram_quantile(${q}, sum by (le, ${by}) (${rate(`${metric}_bucket`)}))`;
  const autoscaler = `{namespace="${namespace}",horizontalpodautoscaler=~"$pool-hpa"}`;
  return [
    {
      title: 'p95 of the slowest model, as the scaler sees it (no cache hits, at most twice the SLO)',
      unit: 's',
      curves: [`max by (${POOL_LABEL}) (${RECORDED_METRICS.scalerLatency}{${matchers}})`],
    },
    {
      title: 'Latency by model: p50, p95, p99',
      unit: 's',
      curves: [0.5, 0.95, 0.99].map((q) => quantile(q, METRICS.predictionLatency, 'model')),
    },
    {
      title: 'Replicas, and the most that there may be',
      unit: 'short',
      curves: [
        `kube_horizontalpodautoscaler_status_current_replicas${autoscaler}`,
        `kube_horizontalpodautoscaler_spec_max_replicas${autoscaler}`,
      ],
    },
    {
      title: 'Requests by model',
      unit: 'reqps',
      curves: [`sum by (model) (${rate(METRICS.requests)})`],
    },
    {
      title: 'Answers other than 200, by status',
      unit: 'reqps',
      curves: [`sum by (code) (${rate(METRICS.requests, ',code!="200"')})`],
    },
    {
      title: 'Share of rows from the cache, by model',
      unit: 'percentunit',
      curves: [
        `sum by (model) (${rate(METRICS.cacheRows, ',outcome!="miss"')}) / sum by (model) (${rate(METRICS.cacheRows)})`,
      ],
    },
    {
      title: 'Where the time goes: mean of each stage',
      unit: 's',
      curves: [
        `sum by (stage) (${rate(`${METRICS.stageLatency}_sum`)}) / sum by (stage) (${rate(`${METRICS.stageLatency}_count`)})`,
      ],
    },
    {
      title: 'Rows that wait, by model',
      unit: 'short',
      curves: [`sum by (model) (${METRICS.queueRows}{${matchers}})`],
    },
    {
      title: 'Rows in one run: mean, by model',
      unit: 'short',
      curves: [
        `sum by (model) (${rate(`${METRICS.batchRows}_sum`)}) / sum by (model) (${rate(`${METRICS.batchRows}_count`)})`,
      ],
    },
    {
      title: 'CPU of the busiest replica',
      unit: 'short',
      curves: [`max by (${POOL_LABEL}) (${rate('process_cpu_seconds_total')})`],
    },
    {
      title: 'Resident memory of the largest replica',
      unit: 'bytes',
      curves: [`max by (${POOL_LABEL}) (process_resident_memory_bytes{${matchers}})`],
    },
    {
      title: 'Event loop: how late at p99, worst replica',
      unit: 's',
      curves: [`max by (${POOL_LABEL}) (${METRICS.eventLoopDelay}{${matchers},quantile="0.99"})`],
    },
  ];
}

function panel({ title, unit, curves }: Chart, index: number): object {
  const perRow = WIDTH / PANEL.w;
  return {
    id: index + 1,
    type: 'timeseries',
    title,
    gridPos: { ...PANEL, x: (index % perRow) * PANEL.w, y: Math.floor(index / perRow) * PANEL.h },
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    targets: curves.map((expr, i) => ({
      refId: String.fromCharCode(65 + i),
      expr,
      legendFormat: '__auto',
    })),
  };
}
