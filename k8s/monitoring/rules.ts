import { METRICS, RECORDED_METRICS } from '../../lib/contract';
import type { Spec, SpecPool } from '../../lib/spec/load';
import { poolNames } from '../names';
import { poolMatchers, poolP95, scalerLatency, seconds, WINDOW } from './expressions';

/** A rule of Prometheus, as PrometheusRule wants it. */
export interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: { readonly summary: string; readonly description: string };
}

export interface RuleGroup {
  readonly name: string;
  readonly interval: string;
  readonly rules: readonly Rule[];
}

/** As often as the HPA looks, so that it never waits for the rules as well. */
const INTERVAL = '15s';

/** Share of answers that may be the service's own failure (5xx) before someone is told. */
const MAX_ERROR_RATIO = 0.01;

/**
 * The rules of a pool: the scaler's signal, and what a person should hear of. Their texts name no values of labels: the
 * braces for that would be taken for Helm's own in a chart.
 */
export function poolRules(spec: Spec, pool: SpecPool): RuleGroup {
  const alerts = [
    ...(pool.slo === undefined ? [] : latencyAlerts(spec, pool, pool.slo.p95Ms)),
    ...alertsOf(spec, pool),
  ];
  const recorded = pool.slo === undefined ? [] : [recordedLatency(spec, pool, pool.slo.p95Ms)];
  return { name: `headroom-${pool.name}`, interval: INTERVAL, rules: [...recorded, ...alerts] };
}

function recordedLatency(spec: Spec, pool: SpecPool, p95Ms: number): Rule {
  return { record: RECORDED_METRICS.scalerLatency, expr: scalerLatency(spec, pool, p95Ms) };
}

function latencyAlerts(spec: Spec, pool: SpecPool, p95Ms: number): Rule[] {
  const p95 = poolP95(spec, pool);
  return [
    alert('HeadroomLatencyAboveSlo', spec, pool, {
      expr: `${p95} > ${seconds(p95Ms)}`,
      for: '10m',
      severity: 'critical',
      summary: `a model in the pool ${pool.name} misses its SLO; the strictest is ${p95Ms} ms at p95`,
      description: 'More replicas did not help for 10 minutes: look for a slow model, starved CPUs or a full cluster.',
    }),
    alert('HeadroomScalerBlind', spec, pool, {
      expr: `absent(${p95})`,
      for: '5m',
      severity: 'critical',
      summary: `no p95 arrives for the pool ${pool.name}`,
      description: 'The scaler has only CPU to go by and will not scale down: look at the PodMonitor and its targets.',
    }),
  ];
}

function alertsOf(spec: Spec, pool: SpecPool): Rule[] {
  const matchers = poolMatchers(spec, pool);
  const answers = (more: string) => `sum(rate(${METRICS.requests}{${matchers}${more}}[${WINDOW}]))`;
  const hpa = `namespace="${spec.name}",horizontalpodautoscaler="${poolNames(pool.name).autoscaler}"`;
  return [
    alert('HeadroomErrors', spec, pool, {
      expr: `${answers(',code=~"5.."')} / ${answers('')} > ${MAX_ERROR_RATIO}`,
      for: '5m',
      severity: 'critical',
      summary: `more than ${MAX_ERROR_RATIO * 100} % of the requests to the pool ${pool.name} fail`,
      description: 'Status 503 means refused for want of capacity; the metric of errors names the others.',
    }),
    alert('HeadroomAtMaximum', spec, pool, {
      expr: `kube_horizontalpodautoscaler_status_current_replicas{${hpa}} >= ${pool.maxReplicas}`,
      for: '15m',
      severity: 'warning',
      summary: `the pool ${pool.name} runs at its maximum of ${pool.maxReplicas} replicas`,
      description: 'There is no headroom left: raise maxReplicas in the spec, or make the models cheaper.',
    }),
    alert('HeadroomModelNotReady', spec, pool, {
      expr: `min(${METRICS.modelReady}{${matchers}}) == 0`,
      for: '10m',
      severity: 'warning',
      summary: `a version of a model does not load in the pool ${pool.name}`,
      description: 'The version before it goes on serving; the log says why this one does not load.',
    }),
  ];
}

interface Alert {
  readonly expr: string;
  readonly for: string;
  readonly severity: 'critical' | 'warning';
  readonly summary: string;
  readonly description: string;
}

/** The labels are given, because an absent series has none: systems that share a Prometheus are told apart by them. */
function alert(
  name: string,
  spec: Spec,
  pool: SpecPool,
  { expr, for: duration, severity, summary, description }: Alert,
): Rule {
  return {
    alert: name,
    expr,
    for: duration,
    labels: { severity, namespace: spec.name, pool: pool.name },
    annotations: { summary, description },
  };
}
