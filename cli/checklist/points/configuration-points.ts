import type { SpecPool } from '../../../lib/spec/load';
import { number } from '../../report/numbers';
import { disqualified, type Evidence, loadedModels, source } from '../evidence';
import { valueAt } from '../manifests';
import { type Finding, fail, type Point, pass, pointOf, unknown } from '../point';

/** 3: an autoscaler for each pool, and that it was seen to hold the traffic: the manifest alone proves nothing. */
export function autoscalingPoint(evidence: Evidence): Point {
  const { spec } = evidence;
  const pools = spec.pools.filter(({ peakQps }) => peakQps > 0);
  const findings = pools.flatMap((pool) => [configured(pool, evidence), simulated(pool, evidence)]);
  const settle = `npx cdk8s synth; headroom simulate --shape flash --growth ${number(spec.growth)} --out reports/simulate.json`;
  return pointOf('autoscaling configured and tested', settle, findings);
}

function configured(pool: SpecPool, { manifests, manifestsFolder }: Evidence): Finding {
  const scaler = manifests.find(
    ({ kind, value }) =>
      (kind === 'HorizontalPodAutoscaler' || kind === 'ScaledObject') &&
      valueAt(value, 'spec', 'scaleTargetRef', 'name') === pool.name,
  );
  if (scaler !== undefined) return pass(`${pool.name}: ${scaler.kind} (${scaler.where})`);
  if (manifests.length === 0) return unknown(`${pool.name}: no manifests in ${manifestsFolder}`);
  return fail(`${pool.name}: no autoscaler among the manifests in ${manifestsFolder}`);
}

function simulated(pool: SpecPool, evidence: Evidence): Finding {
  const { growth } = evidence.spec;
  for (const report of evidence.reports.simulations) {
    const found = report.pools.find(({ name }) => name === pool.name);
    if (found === undefined || report.growth < growth) continue;
    const invalid = disqualified(report, undefined, undefined, evidence);
    if (invalid !== undefined) return invalid;
    const text = `${pool.name}: ${report.traffic} traffic at growth ${number(report.growth)} ${found.holds ? 'holds' : 'does not hold'} in the simulated controller, up to ${found.maxReplicas} replicas (${source(report, evidence)})`;
    return found.holds ? pass(text) : fail(text);
  }
  return unknown(`${pool.name}: not simulated at growth ${number(growth)}`);
}

/** 5: whether optimisations of each model were measured, and what came of it. */
export function optimisedPoint(evidence: Evidence): Point {
  const findings = loadedModels(evidence).map((model): Finding => {
    const report = evidence.reports.optimizations.find((one) => one.model.name === model.name);
    if (report === undefined) return unknown(`${model.name}: headroom optimize has not been run`);
    const invalid = disqualified(report, report.model.digest, model, evidence);
    if (invalid !== undefined) return invalid;
    const tried = `${report.candidates.length} candidates measured`;
    if (report.recommended === undefined)
      return pass(`${model.name}: ${tried}, none pays (${source(report, evidence)})`);
    return fail(
      `${model.name}: ${tried}, ${report.recommended} pays and is not deployed (${source(report, evidence)})`,
    );
  });
  return pointOf('model optimised', 'headroom optimize MODEL --json > reports/optimize-MODEL.json', findings);
}

/** 7: what scrapes the metrics, and what alerts on them. */
export function monitoringPoint({ manifests, manifestsFolder }: Evidence): Point {
  const settle = 'npx cdk8s synth';
  const title = 'monitoring and alerting';
  if (manifests.length === 0) return pointOf(title, settle, [unknown(`no manifests in ${manifestsFolder}`)]);
  const monitors = manifests.filter(({ kind }) => kind === 'PodMonitor' || kind === 'ServiceMonitor');
  const rules = manifests
    .filter(({ kind }) => kind === 'PrometheusRule')
    .map((rule) => ({ rule, alerts: alertsOf(rule.value) }));
  const alerting = rules.filter(({ alerts }) => alerts.length > 0);
  return pointOf(title, settle, [
    ...(monitors.length === 0 ? [fail(`nothing in ${manifestsFolder} scrapes the metrics`)] : []),
    ...monitors.map(({ kind, name, where }) => pass(`metrics are scraped: ${kind} ${name} (${where})`)),
    ...(alerting.length === 0 ? [fail(`nothing in ${manifestsFolder} alerts`)] : []),
    ...alerting.map(({ rule, alerts }) => pass(`${alerts.length} alerts: ${alerts.join(', ')} (${rule.where})`)),
  ]);
}

function alertsOf(rule: unknown): string[] {
  const groups = valueAt(rule, 'spec', 'groups');
  const rules = Array.isArray(groups) ? groups.flatMap((group) => valueAt(group, 'rules')) : [];
  // One a pool, all of the same name.
  return [...new Set(rules.map((one) => valueAt(one, 'alert')).filter((alert) => typeof alert === 'string'))];
}
