import type { SpecModel } from '../../../lib/spec/load';
import { number, percent } from '../../report/numbers';
import { load } from '../commands';
import { disqualified, type Evidence, isOneReplica, loadedModels, shareOfReplica, source } from '../evidence';
import { type Finding, fail, type Point, pass, pointOf, unknown } from '../point';
import type { Reports } from '../reports';

type Load = Reports['loads'][number];
type Target = Load['targets'][number];

/** 1: p50, p95 and p99 within the targets, with losses counted as slower than all. */
export function latencyPoint(evidence: Evidence): Point {
  const findings = loadedModels(evidence).flatMap((model) => latencyFindings(model, evidence));
  return pointOf(
    'latency p50, p95, p99 within targets',
    load(evidence, `--local --rate ${replicaPeak(evidence)} --slo`),
    findings,
  );
}

function latencyFindings(model: SpecModel, evidence: Evidence): Finding[] {
  const { name, slo } = model;
  if (slo === undefined) return [];
  const found = newestOf(model, evidence, () => true);
  if (found === undefined) return [unknown(`${name}: no report of headroom load`)];
  const { report, target } = found;
  const invalid =
    disqualified(report, target.digest, model, evidence) ??
    tooLittle(model, found, evidence) ??
    limited(report, evidence);
  if (invalid !== undefined) return [invalid];
  const { p50, p95, p99 } = target.latencyMs;
  const lost = target.tooMany + target.unavailable + target.failed;
  // 5 of 100 may be slower than the p95 and so may be lost; none may miss the acceptable latency but 1 of 100.
  const holds =
    p95 !== undefined &&
    p95 <= slo.p95Ms &&
    lost <= 0.05 * target.offered &&
    p99 !== undefined &&
    p99 <= slo.acceptableMs;
  const figures = `p50 ${ms(p50)}, p95 ${ms(p95)} (target ${number(slo.p95Ms)}), p99 ${ms(p99)} (acceptable ${number(slo.acceptableMs)}), ${number(lost)} of ${number(target.offered)} lost`;
  const text = `${name} at ${number(target.offeredQps)} requests/s: ${figures} (${source(report, evidence)})`;
  return [judged(holds, text, report)];
}

/** 4: what the cache answers under inputs that repeat. */
export function cachingPoint(evidence: Evidence): Point {
  const findings = loadedModels(evidence)
    .filter(({ cache }) => cache?.enabled !== false)
    .map((model) => cachingFinding(model, evidence));
  const settle = load(evidence, `--local --rate ${replicaPeak(evidence)} --keys 1000`);
  if (findings.length > 0) return pointOf('caching', settle, findings);
  return pointOf('caching', settle, [fail(`${evidence.specFile}: the cache is off for every model`)]);
}

function cachingFinding(model: SpecModel, evidence: Evidence): Finding {
  const repeats = ({ distinctInputs, offered }: Target) => distinctInputs !== undefined && distinctInputs < offered;
  const found = newestOf(model, evidence, repeats);
  if (found === undefined) return unknown(`${model.name}: no load with inputs that repeat (--keys)`);
  const { report, target } = found;
  const invalid = disqualified(report, target.digest, model, evidence);
  if (invalid !== undefined) return invalid;
  const where = `${number(target.distinctInputs ?? 0)} different inputs in ${number(target.offered)} requests (${source(report, evidence)})`;
  if (target.cacheHitRatio === undefined)
    return unknown(`${model.name}: the service does not tell of its cache, ${where}`);
  const text = `${model.name}: ${percent(target.cacheHitRatio)} answered from the cache, ${where}`;
  return target.cacheHitRatio > 0 ? pass(text) : fail(text);
}

/** 6: whether the peak has been offered, to all models at once, and the SLO held. */
export function loadTestPoint(evidence: Evidence): Point {
  const title = 'load tested at the peak';
  const models = loadedModels(evidence);
  const settle = `${load(evidence, `--local --rate ${replicaPeak(evidence)} --slo`)}, or the URL that was deployed at ${Math.ceil(evidence.spec.peakQps)}`;
  const pools = evidence.spec.pools.filter(({ peakQps }) => peakQps > 0);
  return pointOf(
    title,
    settle,
    pools.map(({ name, models: served }) =>
      loadTestFinding(
        name,
        models.filter((model) => served.includes(model.name)),
        evidence,
      ),
    ),
  );
}

function loadTestFinding(pool: string, models: readonly SpecModel[], evidence: Evidence): Finding {
  const report = evidence.reports.loads.find(
    ({ targets, holds }) =>
      holds !== undefined && models.every(({ name }) => targets.some((target) => target.name === name)),
  );
  if (report === undefined) return unknown(`${pool}: no load with a verdict (--slo) on all its models at once`);
  const pairs = models.map((model) => ({ model, target: report.targets.find(({ name }) => name === model.name) }));
  for (const { model, target } of pairs) {
    const invalid =
      disqualified(report, target?.digest, model, evidence) ??
      (target && tooLittle(model, { report, target }, evidence)) ??
      limited(report, evidence);
    if (invalid !== undefined) return invalid;
  }
  const what = isOneReplica(report.url) ? 'a replica on this machine' : report.url;
  const text = `${pool}: ${report.traffic} on ${what}, ${report.holds ? 'the SLO held' : 'the SLO did not hold'} (${source(report, evidence)})`;
  return judged(report.holds === true, text, report);
}

/** A miss while other programs kept the machine busy says nothing of the service. */
function judged(holds: boolean, text: string, { disturbance }: Load): Finding {
  if (holds) return pass(text);
  return disturbance === undefined ? fail(text) : unknown(`${text}, but ${disturbance}`);
}

/** What all models together bring to one replica at the peak, in requests/s. */
function replicaPeak(evidence: Evidence): number {
  return Math.ceil(loadedModels(evidence).reduce((sum, model) => sum + shareOfReplica(model, evidence), 0));
}

function newestOf(
  { name }: SpecModel,
  { reports }: Evidence,
  suits: (target: Target) => boolean,
): { report: Load; target: Target } | undefined {
  for (const report of reports.loads) {
    const target = report.targets.find((one) => one.name === name && one.offered > 0 && suits(one));
    if (target !== undefined) return { report, target };
  }
  return undefined;
}

/** A replica must have been offered its share of the peak, and a deployed service all of it. */
function tooLittle(
  model: SpecModel,
  { report, target }: { report: Load; target: Target },
  evidence: Evidence,
): Finding | undefined {
  const needed = isOneReplica(report.url) ? shareOfReplica(model, evidence) : model.peakQps;
  // Random arrivals are some percent fewer or more than asked for.
  if (target.offeredQps >= 0.9 * needed) return undefined;
  return unknown(
    `${model.name}: tested with ${number(target.offeredQps)} requests/s, its part of the peak is ${number(needed)} (${source(report, evidence)})`,
  );
}

function limited(report: Load, evidence: Evidence): Finding | undefined {
  const [limit] = report.generator.limits;
  return limit === undefined
    ? undefined
    : unknown(`the load generator was the limit: ${limit} (${source(report, evidence)})`);
}

function ms(value: number | undefined): string {
  return value === undefined ? '-' : `${number(value)} ms`;
}
