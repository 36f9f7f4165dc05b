import { counted } from '../../../lib/spec/counted';
import type { SpecPool } from '../../../lib/spec/load';
import { number } from '../../report/numbers';
import { optimize, simulate, synth, takeSpec } from '../commands';
import { disqualified, type Evidence, loadedModels, source } from '../evidence';
import { scalerOf, valueAt } from '../manifests';
import { type Finding, fail, type Point, pass, pointOf, unknown } from '../point';
import type { Reports } from '../reports';

type Simulation = Reports['simulations'][number];
type SimulatedPool = Simulation['pools'][number];

/** 3: an autoscaler for each pool, and that it was seen to hold the traffic: the manifest alone proves nothing. */
export function autoscalingPoint(evidence: Evidence): Point {
  const { spec } = evidence;
  const pools = spec.pools.filter(({ peakQps }) => peakQps > 0);
  const findings = pools.flatMap((pool) => [configured(pool, evidence), simulated(pool, evidence)]);
  const cures = pools.flatMap(
    (pool) => simulationOf(pool, evidence)?.found.advice?.changes.map((change) => cure(pool, change)) ?? [],
  );
  const again = simulate(evidence, `--shape flash --growth ${number(spec.growth)}`);
  const settle =
    cures.length === 0
      ? `${synth(evidence)}; ${again}`
      : `${cures.join(', ')} in ${evidence.specFile}; ${takeSpec(evidence)}; ${again}`;
  return pointOf('autoscaling configured and tested', settle, findings);
}

function configured(pool: SpecPool, evidence: Evidence): Finding {
  const { manifests, manifestsFolder } = evidence;
  const scaler = scalerOf(pool.name, evidence);
  if (scaler !== undefined) return pass(`${pool.name}: ${scaler.kind} (${scaler.where})`);
  if (manifests.length === 0) return unknown(`${pool.name}: no manifests in ${manifestsFolder}`);
  return fail(`${pool.name}: no autoscaler among the manifests in ${manifestsFolder}`);
}

function simulated(pool: SpecPool, evidence: Evidence): Finding {
  const simulation = simulationOf(pool, evidence);
  if (simulation === undefined) return unknown(`${pool.name}: not simulated at growth ${number(evidence.spec.growth)}`);
  const { report, found } = simulation;
  const invalid = disqualified(report, undefined, undefined, evidence);
  if (invalid !== undefined) return invalid;
  const why = found.advice === undefined ? '' : `: ${found.advice.cause}`;
  const text = `${pool.name}: ${report.traffic} traffic at growth ${number(report.growth)} ${found.holds ? 'holds' : 'does not hold'} in the simulated controller, up to ${found.maxReplicas} replicas${why} (${source(report, evidence)})`;
  return found.holds ? pass(text) : fail(text);
}

/** The newest simulation of a pool at the growth of the spec. */
function simulationOf(
  pool: SpecPool,
  { reports, spec }: Evidence,
): { report: Simulation; found: SimulatedPool } | undefined {
  for (const report of reports.simulations) {
    const found = report.pools.find(({ name }) => name === pool.name);
    if (found !== undefined && report.growth >= spec.growth) return { report, found };
  }
  return undefined;
}

/** What the simulation advised, as it is written in the spec. */
function cure({ name }: SpecPool, { setting, to }: NonNullable<SimulatedPool['advice']>['changes'][number]): string {
  return `set pools.${name}.${setting} to ${to}`;
}

/** 5: whether optimisations of each model were measured, and what came of it. */
export function optimisedPoint(evidence: Evidence): Point {
  const findings = loadedModels(evidence).map((model): Finding => {
    const report = evidence.reports.optimizations.find((one) => one.model.name === model.name);
    if (report === undefined) return unknown(`${model.name}: headroom optimize has not been run`);
    const adopted = evidence.originOf(model);
    const isAdopted = adopted?.parent.digest === report.model.digest;
    const invalid = disqualified(report, isAdopted ? undefined : report.model.digest, model, evidence);
    if (invalid !== undefined) return invalid;
    const measured = report.candidates.filter(({ result }) => 'verdict' in result).length;
    if (measured === 0) return unknown(`${model.name}: no candidate could be measured (${source(report, evidence)})`);
    const tried = `${counted(measured, 'candidate')} measured`;
    if (adopted !== undefined && isAdopted)
      return pass(`${model.name}: ${tried}, ${adopted.technique} is deployed (${source(report, evidence)})`);
    if (report.recommended === undefined)
      return pass(`${model.name}: ${tried}, none pays (${source(report, evidence)})`);
    return fail(
      `${model.name}: ${tried}, ${report.recommended} pays and is not deployed (${source(report, evidence)})`,
    );
  });
  const open = loadedModels(evidence).filter((_, i) => findings[i]?.state !== 'pass');
  return pointOf('model optimised', open.map((model) => optimize(evidence, model)).join('; '), findings);
}

/** 7: what scrapes the metrics, and what alerts on them. */
export function monitoringPoint(evidence: Evidence): Point {
  const { manifests, manifestsFolder } = evidence;
  const settle = synth(evidence);
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
