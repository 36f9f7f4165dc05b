// Holds the rules for Prometheus against Prometheus' own promtool: their syntax for each spec of the charts' tests, and
// what they make of series. Run: npm run e2e:rules. promtool comes with Prometheus (Debian: the package prometheus).
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { adapterRules } from '../../k8s/monitoring/adapter';
import { messageOf } from '../../lib/spec/message-of';
import { SPECS } from '../k8s/matrix';
import { find, SHOP, synth } from '../k8s/synth';

const POOL = 'namespace="shop",pool="model-server"';
/** Eight minutes of scrapes, one in 15 s. */
const SAMPLES = 32;

interface Series {
  readonly series: string;
  readonly values: string;
}

/** @param perScrape requests that each scrape finds more, by the upper bound of their bucket in seconds */
function latencies(model: string, cache: string, perScrape: Readonly<Record<string, number>>): Series[] {
  let below = 0;
  return Object.entries({ ...perScrape, '+Inf': 0 }).map(([le, count]) => {
    below += count;
    const labels = `${POOL},pod="a",model="${model}",cache="${cache}",le="${le}"`;
    return { series: `prediction_latency_seconds_bucket{${labels}}`, values: `0+${below}x${SAMPLES}` };
  });
}

const REPLICAS: readonly Series[] = ['a', 'b'].map((pod) => ({
  series: `process_start_time_seconds{${POOL},pod="${pod}"}`,
  values: `1x${SAMPLES}`,
}));

/** As prometheus-adapter fills in its template for an HPA that asks for two pods. */
function asAsked(query: string): string {
  return query
    .replaceAll('<<.Series>>', 'prediction_latency_p95')
    .replaceAll('<<.LabelMatchers>>', 'namespace="shop",pod=~"a|b"')
    .replaceAll('<<.GroupBy>>', 'pod');
}

/** What the HPA sees after five minutes: the same number for both replicas. */
function scalerSees(name: string, p95Seconds: number, series: readonly Series[]) {
  const [rule] = adapterRules('shop').rules;
  if (rule === undefined) throw new Error('the adapter has no rule');
  return {
    name,
    interval: '15s',
    input_series: [...REPLICAS, ...series],
    promql_expr_test: [
      {
        expr: `round(${asAsked(rule.metricsQuery)}, 0.001)`,
        eval_time: '5m',
        exp_samples: ['a', 'b'].map((pod) => ({ labels: `{pod="${pod}"}`, value: p95Seconds })),
      },
    ],
  };
}

/** Of the pool model-server, with an SLO of 100 ms at p95. */
const TESTS = [
  // 90 of 100 below 0.1 s, so the 95th lies halfway through the next bucket.
  scalerSees('the p95 of the pool, on each replica', 0.15, latencies('fraud-detection', 'miss', { 0.1: 90, 0.2: 10 })),
  scalerSees('twice the SLO at most', 0.2, latencies('fraud-detection', 'miss', { 0.1: 1, 0.5: 99 })),
  scalerSees('no answers from the cache', 0.15, [
    ...latencies('fraud-detection', 'miss', { 0.1: 90, 0.2: 10 }),
    ...latencies('fraud-detection', 'hit', { 0.1: 100_000, 0.2: 0 }),
  ]),
  scalerSees('nought for a pool that is idle', 0, latencies('fraud-detection', 'miss', { 0.1: 0, 0.2: 0 })),
  scalerSees('nought for a pool that was never asked', 0, []),
  {
    name: 'the scaler is blind where no replica is scraped',
    interval: '15s',
    input_series: [],
    alert_rule_test: [
      { alertname: 'HeadroomScalerBlind', eval_time: '4m', exp_alerts: [] },
      {
        alertname: 'HeadroomScalerBlind',
        eval_time: '6m',
        exp_alerts: ['model-server', 'recommender', 'vision'].map((pool) => ({
          exp_labels: { severity: 'critical', pool, namespace: 'shop' },
          exp_annotations: {
            summary: `no p95 arrives for the pool ${pool}`,
            description:
              'The scaler has only CPU to go by and will not scale down: look at the PodMonitor and its targets.',
          },
        })),
      },
    ],
  },
];

function promtool(...args: string[]): void {
  const { status, stdout, stderr, error } = spawnSync('promtool', args, { encoding: 'utf8' });
  if (error !== undefined) throw new Error(`promtool cannot be run, expected it on the path: ${error.message}`);
  process.stdout.write(stdout);
  if (status !== 0) throw new Error(`promtool ${args.slice(0, 2).join(' ')} failed: ${stderr.trim()}`);
}

function rulesOf(text: string): string {
  return stringify(find(synth(text), 'PrometheusRule', 'headroom').spec);
}

function main(): void {
  const directory = mkdtempSync(join(tmpdir(), 'headroom-rules-'));
  try {
    const files = SPECS.map(([title, text]) => {
      const file = join(directory, `${title.replaceAll(' ', '-')}.yaml`);
      writeFileSync(file, rulesOf(text));
      return file;
    });
    promtool('check', 'rules', ...files);
    writeFileSync(join(directory, 'shop.yaml'), rulesOf(SHOP));
    const test = { rule_files: ['shop.yaml'], evaluation_interval: '15s', tests: TESTS };
    writeFileSync(join(directory, 'test.yaml'), stringify(test));
    promtool('test', 'rules', join(directory, 'test.yaml'));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

try {
  main();
} catch (error) {
  process.stderr.write(`error: ${messageOf(error)}\n`);
  process.exitCode = 1;
}
