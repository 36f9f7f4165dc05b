import type { Spec, SpecModel } from '../spec/load';
import { newestDigest } from './artifact';
import type { Figure } from './figure';
import { type FiledOptimization, readOptimizations } from './optimize-report';
import type { Profile } from './profile';
import { madeFrom } from './provenance';
import { usableProfile } from './replica';

/** What INT8 makes of the time of a model, or of the models of a pool. */
export interface Int8 {
  /** Time of one row alone in proportion to that of the original. */
  readonly idleShare: number;
  /** Time of a row in batches in proportion to that of the original. */
  readonly batchShare: number;
}

/**
 * What `headroom optimize` found of INT8, by model; undefined where it is no choice: it does not pay, or is deployed. Of
 * a model that is not there nothing is assumed: many have nothing to quantise, and others become slower.
 */
export type MeasuredInt8 = ReadonlyMap<string, Int8 | undefined>;

/** Techniques of headroom optimize that make INT8 models. */
const INT8_TECHNIQUES = ['dynamic-int8', 'static-int8'];
/** A faster version whose loss could not be judged is still a way to go, once it is. */
const WORTH_IT = ['pays', 'unproven'];

/** What was found, where each number comes from, and what speaks against it. */
export interface FoundInt8 {
  readonly measured: MeasuredInt8;
  readonly figures: readonly Figure[];
  readonly warnings: readonly string[];
}

/** Reads the newest report of each model from a folder of reports; files that are none are passed over. */
export function readInt8({ models }: Spec, folder: string): FoundInt8 {
  const reports = readOptimizations(folder);
  const measured = new Map<string, Int8 | undefined>();
  const figures: Figure[] = [];
  const warnings: string[] = [];
  for (const model of models) {
    const report = reports.find((one) => one.model.name === model.name);
    if (report === undefined) continue;
    const fit = fitOf(model, report.model.digest);
    const found = fit === 'adopted' ? undefined : bestOf(report);
    if (fit === 'stale') {
      warnings.push(
        `${report.file} is of another artifact of ${model.name} than the one deployed: run headroom optimize again`,
      );
    } else if (found !== 'unknown') {
      measured.set(model.name, found);
      figures.push(int8Figure(model.name, found, report));
    }
  }
  return { measured, figures, warnings };
}

function int8Figure(name: string, int8: Int8 | undefined, { file, measuredAt }: FiledOptimization): Figure {
  return {
    name: `${name}: time of a row with INT8`,
    value: 100 * (int8?.batchShare ?? 1),
    unit: '% of that of the model as it is',
    source: 'measured',
    detail: `${file}, ${measuredAt}${int8 === undefined ? ': it brings nothing more, so it is no choice' : ''}`,
  };
}

/** INT8 in a pool. */
export interface PoolInt8 {
  /** Of all its models, weighted by the time that each takes; undefined where it is no choice for any of them. */
  readonly int8: Int8 | undefined;
  /** Models of which it is not known: they are taken to run as they are. */
  readonly unknown: readonly string[];
}

/** What is known of INT8 in a pool. It was measured on processors, which says nothing of a GPU. */
export function poolInt8(
  models: readonly SpecModel[],
  pool: Spec['pools'][number],
  profiles: ReadonlyMap<string, Profile>,
  measured: MeasuredInt8,
): PoolInt8 {
  if (pool.hardware === 'gpu') return { int8: undefined, unknown: [] };
  const served = models.filter((model) => model.pool === pool.name && model.peakQps > 0);
  let [weight, idle, batch] = [0, 0, 0];
  let available = false;
  for (const { name, peakQps } of served) {
    const int8 = measured.get(name);
    const time = usableProfile(pool, profiles.get(name))?.serviceTime;
    const share = peakQps * (time === undefined ? 1 : time.fixedMs + time.perRowMs);
    weight += share;
    idle += share * (int8?.idleShare ?? 1);
    batch += share * (int8?.batchShare ?? 1);
    available ||= int8 !== undefined;
  }
  return {
    int8: available ? { idleShare: idle / weight, batchShare: batch / weight } : undefined,
    unknown: served.flatMap(({ name }) => (measured.has(name) ? [] : [name])),
  };
}

/** Whether a report says something of the artifact that is deployed. */
function fitOf({ folder }: SpecModel, digest: string): 'fits' | 'adopted' | 'stale' {
  const deployed = folder === undefined ? undefined : newestDigest(folder);
  if (folder === undefined || deployed === undefined || deployed === digest) return 'fits';
  const origin = madeFrom(folder, deployed);
  return origin?.parent.digest === digest && INT8_TECHNIQUES.includes(origin.technique) ? 'adopted' : 'stale';
}

function bestOf({ candidates }: FiledOptimization): Int8 | undefined | 'unknown' {
  const results = candidates.filter(({ id }) => INT8_TECHNIQUES.includes(id)).map(({ result }) => result);
  const worth = results.flatMap((result) =>
    'verdict' in result && WORTH_IT.includes(result.verdict.outcome) ? [result.verdict] : [],
  );
  worth.sort((a, b) => b.throughputSpeedup * b.latencySpeedup - a.throughputSpeedup * a.latencySpeedup);
  const [best] = worth;
  if (best !== undefined) {
    return { idleShare: 1 / best.latencySpeedup, batchShare: 1 / best.throughputSpeedup };
  }
  // What was not measured for want of tools or data may pay once they are there; what does not apply never will.
  const settled = results.some((result) => 'verdict' in result) || results.every(doesNotApply);
  return results.length > 0 && settled ? undefined : 'unknown';
}

function doesNotApply(result: FiledOptimization['candidates'][number]['result']): boolean {
  return 'applies' in result && !result.applies;
}
