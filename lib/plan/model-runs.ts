import { existsSync } from 'node:fs';
import { Type } from 'typebox';
import { counted } from '../spec/counted';
import type { Spec, SpecPool } from '../spec/load';
import { fittingWorkers, type RunSettings, RunSettingsSchema, threadsOfRun } from '../spec/run-settings';
import type { Figure } from './figure';
import { readModelYaml } from './model-yaml';
import { type Profile, profileFile } from './profile';
import type { ReplicaSize } from './size';

/** How a model's runs are set, and how that is known. */
export interface KnownSettings {
  readonly settings: RunSettings;
  readonly source: 'adopted' | 'measured';
}

/** By model; one of which nothing is known runs as a replica's size says. */
export type SettingsByModel = ReadonlyMap<string, KnownSettings>;

/** A model's runs in a replica of some size, as the service starts them. */
export interface ModelRuns {
  readonly model: string;
  /** Runs at the same time, where the model is too heavy for the event loop. */
  readonly workers: number;
  /** Of one run. */
  readonly threads: number;
  /** Most rows of a run; undefined where only measurements bound them. */
  readonly maxBatch: number | undefined;
  /** Of threads and rows; calculated: they are those of the size. */
  readonly source: KnownSettings['source'] | 'calculated';
}

const Described = Type.Object({ runtime: RunSettingsSchema });

/** The settings in the model.yaml of each model; of one whose folder is elsewhere, those that it was measured with. */
export function readSettings({ models }: Spec, profiles: ReadonlyMap<string, Profile>): SettingsByModel {
  const known = new Map<string, KnownSettings>();
  for (const { name, folder } of models) {
    const isHere = folder !== undefined && existsSync(folder);
    const settings = isHere ? readModelYaml(folder, Described)?.runtime : profiles.get(name)?.settings;
    if (settings !== undefined) known.set(name, { settings, source: isHere ? 'adopted' : 'measured' });
  }
  return known;
}

/** Cores below which a run of some of the models would wait for threads of its own. A GPU's runs are not made of cores. */
export function leastCores({ hardware }: SpecPool, models: readonly string[], settings: SettingsByModel): number {
  if (hardware === 'gpu') return 1;
  return Math.max(1, ...models.map((model) => threadsOfRun(settings.get(model)?.settings ?? {})));
}

/** The runs of a model in a replica. */
export function runsOf(model: string, size: ReplicaSize, settings: SettingsByModel): ModelRuns {
  const known = settings.get(model);
  const { workers, maxBatch, intraOpThreads = size.intraOpThreads, executionMode }: RunSettings = known?.settings ?? {};
  const own = { intraOpThreads, executionMode };
  return {
    model,
    workers: workers ?? fittingWorkers(size.workers, size, own),
    threads: threadsOfRun(own),
    maxBatch,
    source: known?.source ?? 'calculated',
  };
}

/** What a model's settings say, and the workers that follow where its runs take other threads than those of the size. */
export function runFigures({ model, workers, threads }: ModelRuns, size: ReplicaSize, known?: KnownSettings): Figure[] {
  if (known === undefined) return [];
  const { settings, source } = known;
  const origin = { unit: '', source, detail: source === 'adopted' ? 'model.yaml' : profileFile(model) } as const;
  const said = (what: string, value: number | undefined): Figure[] =>
    value === undefined ? [] : [{ name: `${model}: ${what}`, value, ...origin }];
  const setsThreads = settings.intraOpThreads !== undefined || settings.executionMode !== undefined;
  const fits: Figure = {
    name: `${model}: workers of a replica`,
    value: workers,
    unit: '',
    source: 'calculated',
    detail: `with runs of ${counted(threads, 'thread')}; ${size.workers} with runs of ${size.intraOpThreads}`,
  };
  return [
    ...said('threads of a run', setsThreads ? threads : undefined),
    ...said('rows of a run, at most', settings.maxBatch),
    ...said('workers of a replica', settings.workers),
    ...(settings.workers === undefined && threads !== size.intraOpThreads ? [fits] : []),
  ];
}

/** What speaks against profiles that were measured with other settings than those that the service will obey. */
export function settingsWarnings(profiles: readonly Profile[], settings: SettingsByModel): string[] {
  return profiles.flatMap(({ model, settings: measured }) => {
    const known = settings.get(model);
    const [before, now] = [measured && words(measured), words(known?.settings ?? {})];
    if (known?.source === 'measured' || now === (before ?? words({}))) return [];
    const was = before === undefined ? 'before profiles told how runs are set' : `with runs of ${before}`;
    return [`the profile of ${model} was measured ${was}, its model.yaml has ${now}: measure again`];
  });
}

/** Equal for settings that are obeyed alike. */
function words({ intraOpThreads, executionMode, maxBatch }: RunSettings): string {
  const threads = counted(intraOpThreads ?? 1, 'thread');
  const branches = executionMode === 'parallel' ? ', branches side by side' : '';
  return `${threads}${branches}${maxBatch === undefined ? '' : ` and at most ${counted(maxBatch, 'row')}`}`;
}
