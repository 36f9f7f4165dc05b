import { describe, expect, test } from '@jest/globals';
import { parser } from '@prometheus-io/lezer-promql';
import { parse } from 'yaml';
import { METRICS, RECORDED_METRICS } from '../../lib/contract';
import { Metrics } from '../../service/telemetry/metrics';
import { find, SHOP, synth } from './synth';

/** From kube-state-metrics, which exports the state of the cluster's objects. */
const CLUSTER_METRICS = [
  'kube_horizontalpodautoscaler_status_current_replicas',
  'kube_horizontalpodautoscaler_spec_max_replicas',
];

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
}

const manifests = synth(SHOP);

function isRules(spec: unknown): spec is { groups: { name: string; rules: Rule[] }[] } {
  return typeof spec === 'object' && spec !== null && 'groups' in spec;
}

function rulesOf(text: string): Rule[] {
  const { spec } = find(synth(text), 'PrometheusRule', 'headroom');
  if (!isRules(spec)) throw new Error('a PrometheusRule without groups');
  return spec.groups.flatMap(({ rules }) => rules);
}

function dashboardOf(): { panels: { title: string; targets: { expr: string }[] }[] } {
  return JSON.parse(find(manifests, 'ConfigMap', 'headroom-dashboard-shop').data?.['headroom-shop.json'] ?? '');
}

const expressions = [
  ...rulesOf(SHOP).map(({ expr }) => expr),
  ...dashboardOf().panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
];

/** Nodes of the syntax tree of a PromQL expression, with their text. */
function nodes(expression: string): { name: string; text: string; isError: boolean }[] {
  const found: { name: string; text: string; isError: boolean }[] = [];
  parser.parse(expression).iterate({
    enter: ({ type, from, to }) => {
      found.push({ name: type.name, text: expression.slice(from, to), isError: type.isError });
    },
  });
  return found;
}

describe('every expression of rules and dashboard', () => {
  test('is PromQL', () => {
    const broken = expressions.filter((expr) => nodes(expr).some(({ isError }) => isError));
    expect(broken).toEqual([]);
  });

  test('reads only metrics that the service, the rules or the cluster export', async () => {
    // GIVEN what a service with a model and a request behind it exposes
    const metrics = new Metrics();
    const model = metrics.model('m', '1');
    for (const series of [model.latency.miss, model.stages.run, model.batchRows]) series.observe(1);
    model.countAnswer(200);
    metrics.observe({
      models: () => [{ name: 'm', version: '1', ready: true, queuedRows: 0 }],
      cacheBytes: () => 0,
      featureCacheBytes: () => 0,
    });
    const exposed = [...(await metrics.expose()).matchAll(/^([a-z_]+)(?:\{| )/gm)].map(([, name]) => name);
    // WHEN
    const read = expressions.flatMap(nodes).filter(({ name }) => name === 'VectorSelector');
    const names = new Set(read.map(({ text }) => text.split('{', 1)[0]));
    // THEN
    expect([...exposed, ...CLUSTER_METRICS, RECORDED_METRICS.scalerLatency]).toEqual(
      expect.arrayContaining([...names]),
    );
  });

  test('has no double braces, which Helm would take for its own', () => {
    expect(JSON.stringify(manifests)).not.toContain('{{');
  });
});

describe("the scaler's signal", () => {
  const signal = (text: string, pool: string) =>
    rulesOf(text).find(({ record, expr }) => record !== undefined && expr.includes(`pool="${pool}"`))?.expr;

  test('looks at requests that ran a model, is clamped at twice the SLO, and 0 where there are none', () => {
    expect(signal(SHOP, 'model-server')).toBe(
      'clamp_max(0 * sum by (namespace, pod, pool) (process_start_time_seconds{namespace="shop",pool="model-server"})' +
        ' + scalar((max(histogram_quantile(0.95, sum by (le, model) (rate(' +
        'prediction_latency_seconds_bucket{namespace="shop",pool="model-server",model=~"fraud-detection",cache!="hit"}' +
        '[2m])))) >= 0) or vector(0)), 0.2)',
    );
  });

  test('counts the latency of a model with a looser SLO in proportion', () => {
    // GIVEN a model of 200 ms in the pool of one of 100 ms
    const text = SHOP.replace('pool: vision}', 'pool: model-server}').replace(
      '  vision: {hardware: gpu, gpu: t4}\n',
      '',
    );
    // WHEN
    const expr = signal(text, 'model-server');
    // THEN
    expect(expr).toMatch(
      /model=~"fraud-detection".*\)\)\) or histogram_quantile.*model=~"image-classification".* \* 0\.5\)/,
    );
    expect(expr).toMatch(/, 0\.2\)$/);
  });

  test('is served to the HPA for each pod by prometheus-adapter', () => {
    const { data } = find(manifests, 'ConfigMap', 'headroom-adapter-rules-shop');
    expect(parse(data?.['config.yaml'] ?? '')).toEqual({
      rules: [
        {
          seriesQuery: 'prediction_latency_p95{namespace="shop",pod!=""}',
          resources: { overrides: { namespace: { resource: 'namespace' }, pod: { resource: 'pod' } } },
          metricsQuery: 'max by (<<.GroupBy>>) (<<.Series>>{<<.LabelMatchers>>})',
        },
      ],
    });
  });

  test('needs no adapter where every pool is on KEDA', () => {
    const text = SHOP.replace('model-server: {}', 'model-server: {scaler: keda}')
      .replace('minReplicas: 3', 'scaler: keda, minReplicas: 3')
      .replace('gpu: t4', 'gpu: t4, scaler: keda');
    expect(JSON.stringify(synth(text))).not.toContain('adapter-rules');
  });
});

test('Prometheus finds the metrics and the pool of each replica', () => {
  expect(find(manifests, 'PodMonitor', 'headroom').spec).toMatchObject({
    podMetricsEndpoints: [
      {
        port: 'admin',
        path: '/metrics',
        relabelings: [{ sourceLabels: ['__meta_kubernetes_pod_label_app_kubernetes_io_name'], targetLabel: 'pool' }],
      },
    ],
  });
});

test('the dashboard shows latency, requests, errors, cache, queue, batches and replicas', () => {
  const text = JSON.stringify(dashboardOf());
  const shown = Object.values(METRICS).filter((metric) => text.includes(metric));
  expect(shown).toEqual(
    expect.arrayContaining([
      METRICS.predictionLatency,
      METRICS.requests,
      METRICS.cacheRows,
      METRICS.queueRows,
      METRICS.batchRows,
      METRICS.stageLatency,
    ]),
  );
});
