import { LOAD_SHARE } from '../../../lib/plan/assumptions';
import { quantityMilli } from '../../../lib/plan/simulate/quantity';
import { neededMemoryMib } from '../../../lib/plan/size';
import { counted } from '../../../lib/spec/counted';
import type { SpecModel, SpecPool } from '../../../lib/spec/load';
import { number } from '../../report/numbers';
import { measureCapacity, synth } from '../commands';
import { disqualified, type Evidence, loadedModels, source } from '../evidence';
import { type Manifest, scalerOf, valueAt } from '../manifests';
import { type Finding, fail, type Point, pass, pointOf, unknown } from '../point';
import type { Reports } from '../reports';

type Capacity = Reports['capacities'][number];
type Measured = Capacity['models'][number];

/** 2: whether the replicas that each pool may have carry its grown peak, each at the share of its capacity that is planned. */
export function throughputPoint(evidence: Evidence): Point {
  const pools = evidence.spec.pools.filter(({ peakQps }) => peakQps > 0);
  return pointOf(
    'throughput',
    measureCapacity(evidence),
    pools.map((pool) => throughputFinding(pool, evidence)),
  );
}

function throughputFinding(pool: SpecPool, evidence: Evidence): Finding {
  const models = loadedModels(evidence).filter((model) => model.pool === pool.name);
  const files = new Set<string>();
  let replicas = 0;
  for (const model of models) {
    const found = capacityOf(model, evidence);
    if ('state' in found) return found;
    const { capacityQps } = found.measured;
    if (capacityQps === undefined)
      return fail(`${model.name}: the SLO holds at no rate (${source(found.report, evidence)})`);
    // Each request takes its share of a replica: 1/capacity.
    replicas += model.peakQps / (capacityQps * LOAD_SHARE);
    files.add(source(found.report, evidence));
  }
  const { growth } = evidence.spec;
  const needed = Math.ceil(replicas * growth);
  const allowed = mostReplicas(pool, evidence);
  const text = `${pool.name}: ${number(growth)} times today's peak needs ${counted(needed, 'replica')} at ${LOAD_SHARE * 100} % of their capacity (today's ${Math.ceil(replicas)}), at most ${allowed.replicas} are allowed by ${allowed.where} (${[...files].join('; ')})`;
  return needed <= allowed.replicas ? pass(text) : fail(text);
}

/** As the manifest says, else the spec. */
function mostReplicas({ name, maxReplicas }: SpecPool, evidence: Evidence): { replicas: number; where: string } {
  const scaler = scalerOf(name, evidence);
  const written = valueAt(scaler?.value, 'spec', 'maxReplicas') ?? valueAt(scaler?.value, 'spec', 'maxReplicaCount');
  if (scaler === undefined || typeof written !== 'number') return { replicas: maxReplicas, where: evidence.specFile };
  return { replicas: written, where: scaler.where };
}

/** 8: from the start of a replica to its first answer, against the time that its startup probe allows. */
export function coldStartPoint(evidence: Evidence): Point {
  return pointOf(
    'cold start',
    measureCapacity(evidence),
    loadedModels(evidence).map((model) => coldStartFinding(model, evidence)),
  );
}

function coldStartFinding(model: SpecModel, evidence: Evidence): Finding {
  const found = measurementOf(model, evidence);
  if ('state' in found) return found;
  const { coldStartSeconds } = found.measured;
  if (coldStartSeconds === undefined) {
    return unknown(
      `${model.name}: not measured, as the load did not start the service (${source(found.report, evidence)})`,
    );
  }
  const deployment = deploymentOf(model.pool, evidence);
  const probe = valueAt(deployment?.value, 'spec', 'template', 'spec', 'containers', '0', 'startupProbe');
  const allowed = Number(valueAt(probe, 'failureThreshold')) * Number(valueAt(probe, 'periodSeconds'));
  const measured = `${model.name}: ${number(coldStartSeconds)} s (${source(found.report, evidence)})`;
  if (deployment === undefined || Number.isNaN(allowed)) {
    return unknown(`${measured}, no startup probe of ${model.pool} in ${evidence.manifestsFolder} to hold it against`);
  }
  const text = `${measured}, its probe allows ${allowed} s (${deployment.where})`;
  return coldStartSeconds <= allowed ? pass(text) : fail(text);
}

/** 9: whether the scaler sees the CPU of each model before its SLO breaks, and the models of a pool fit into its memory. */
export function utilisationPoint(evidence: Evidence): Point {
  return pointOf('resource utilisation', `${measureCapacity(evidence)}; ${synth(evidence)}`, [
    ...loadedModels(evidence).map((model) => cpuFinding(model, evidence)),
    ...evidence.spec.pools.filter(({ peakQps }) => peakQps > 0).map((pool) => memoryFinding(pool, evidence)),
  ]);
}

function cpuFinding(model: SpecModel, evidence: Evidence): Finding {
  const found = capacityOf(model, evidence);
  if ('state' in found) return found;
  const { atCapacity } = found.measured;
  const deployment = deploymentOf(model.pool, evidence);
  const requested = milliOf(valueAt(resourcesOf(deployment), 'requests', 'cpu'));
  if (atCapacity?.cores === undefined) {
    return unknown(`${model.name}: the CPU was not measured (${source(found.report, evidence)})`);
  }
  if (deployment === undefined || requested === undefined) {
    return notInManifests(`${model.name}: no CPU of ${model.pool}`, evidence);
  }
  const target = cpuTargetOf(model.pool, evidence);
  const used = (100 * atCapacity.cores) / (requested / 1000);
  const text = `${model.name}: at capacity ${number(used)} % of the requested CPU, scaling begins at ${target} % (${deployment.where}; ${source(found.report, evidence)})`;
  return used >= target ? pass(text) : fail(text);
}

function notInManifests(what: string, evidence: Evidence): Finding {
  return unknown(`${what} in ${evidence.manifestsFolder}, which ${synth(evidence)} writes`);
}

/** All models of a pool run in each of its replicas: `headroom plan` counts their memory the same way. */
function memoryFinding(pool: SpecPool, evidence: Evidence): Finding {
  const measured: number[] = [];
  const files = new Set<string>();
  for (const model of loadedModels(evidence).filter((one) => one.pool === pool.name)) {
    const found = capacityOf(model, evidence);
    const memoryBytes = 'state' in found ? undefined : found.measured.memoryBytes;
    if ('state' in found || memoryBytes === undefined) {
      return unknown(`${pool.name}: there is no measurement of the memory of ${model.name} that counts`);
    }
    measured.push(memoryBytes);
    files.add(source(found.report, evidence));
  }
  const deployment = deploymentOf(pool.name, evidence);
  const limit = milliOf(valueAt(resourcesOf(deployment), 'limits', 'memory'));
  if (deployment === undefined || limit === undefined) {
    return notInManifests(`${pool.name}: no memory limit`, evidence);
  }
  const limitMib = limit / 1000 / 2 ** 20;
  const neededMib = neededMemoryMib(measured);
  const text = `${pool.name}: ${counted(measured.length, 'model')} and the cache need ${number(Math.ceil(neededMib))} MiB, as headroom plan counts, the memory limit is ${number(limitMib)} MiB (${deployment.where}; ${[...files].join('; ')})`;
  return neededMib <= limitMib ? pass(text) : fail(text);
}

type Found = { readonly report: Capacity; readonly measured: Measured };

/** The newest measurement that found the capacity of a model, or why there is none that counts. */
function capacityOf(model: SpecModel, evidence: Evidence): Found | Finding {
  const found = measurementOf(model, evidence, (measured) => whyNotFound(measured) === undefined);
  const newest = measurementOf(model, evidence);
  if (!('state' in found) || 'state' in newest) return found;
  const why = whyNotFound(newest.measured);
  if (why === undefined) return found;
  return unknown(`${model.name}: no capacity was found, as ${why} (${source(newest.report, evidence)})`);
}

/** A rate that was no limit is no capacity, nor is one where a search was given up. */
function whyNotFound({ limitedBy, capacityQps }: Measured): string | undefined {
  if (limitedBy === 'max-rate') {
    return `the SLO still held at ${number(capacityQps ?? 0)} requests/s, the highest rate tried: give a higher --max-rate`;
  }
  if (limitedBy !== 'others' || capacityQps !== undefined) return undefined;
  return 'other programs kept the machine too busy: measure on a quiet one';
}

/** The newest measurement of a model of those that suit, or why there is none that counts. */
function measurementOf(
  model: SpecModel,
  evidence: Evidence,
  suits: (measured: Measured) => boolean = () => true,
): Found | Finding {
  for (const report of evidence.reports.capacities) {
    const measured = report.models.find((one) => one.name === model.name && suits(one));
    if (measured !== undefined) return disqualified(report, measured.digest, model, evidence) ?? { report, measured };
  }
  return unknown(`${model.name}: no capacity has been measured`);
}

/** Percent of the requested CPU at which replicas are added: as the manifest says, else the spec. */
function cpuTargetOf(pool: string, evidence: Evidence): number {
  const metrics = valueAt(scalerOf(pool, evidence)?.value, 'spec', 'metrics');
  const targets = Array.isArray(metrics)
    ? metrics.map((metric) => valueAt(metric, 'resource', 'target', 'averageUtilization'))
    : [];
  const written = targets.find((target) => typeof target === 'number');
  return written ?? evidence.spec.pools.find(({ name }) => name === pool)?.cpuUtilization ?? 100;
}

function resourcesOf(deployment: Manifest | undefined): unknown {
  return valueAt(deployment?.value, 'spec', 'template', 'spec', 'containers', '0', 'resources');
}

function deploymentOf(pool: string, { manifests }: Evidence): Manifest | undefined {
  return manifests.find(({ kind, name }) => kind === 'Deployment' && name === pool);
}

function milliOf(quantity: unknown): number | undefined {
  return typeof quantity === 'string' || typeof quantity === 'number' ? quantityMilli(String(quantity)) : undefined;
}
