import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { codeOf } from '../spec/code-of';
import { counted } from '../spec/counted';
import type { Spec } from '../spec/load';
import { threadsOfRun } from '../spec/run-settings';
import { newestDigest } from './artifact';
import { unreadable } from './errors';
import { readSettings, type SettingsByModel, settingsWarnings } from './model-runs';
import { findProfile, type Profile } from './profile';
import { profileWarnings, usableProfile } from './replica';
import { PLAN_FILE, parsePlan, type WrittenPlan } from './written-plan';

/** What lies beside a spec and says how its models do. */
export interface MeasuredInputs {
  /** By model. */
  readonly profiles: ReadonlyMap<string, Profile>;
  /** How runs of each model are set, where it says so. */
  readonly settings: SettingsByModel;
  /** What speaks against using them as they are. */
  readonly warnings: readonly string[];
}

/**
 * The profiles in `profiles/` beside a spec, compared with the models that the spec names.
 * @throws PlanInputError for a profile that cannot be used
 */
export function readProfiles(spec: Spec): MeasuredInputs {
  const project = dirname(spec.source.file);
  const profiles = new Map(
    spec.models.flatMap(({ name }) => {
      const profile = findProfile(project, name);
      return profile === undefined ? [] : [[name, profile] as const];
    }),
  );
  const folders = new Map(spec.models.map((model) => [model.name, model.folder]));
  const warnings = profileWarnings([...profiles.values()], (model) => newestDigest(folders.get(model) ?? ''));
  const settings = readSettings(spec, profiles);
  return {
    profiles,
    settings,
    warnings: [
      ...absentModels(spec),
      ...warnings,
      ...settingsWarnings([...profiles.values()], settings),
      ...hardwareWarnings(spec, profiles),
    ],
  };
}

/** Models that are not where the spec says: they can be planned, but not measured or served. */
function absentModels({ models, source }: Spec): string[] {
  return models.flatMap(({ name, folder }) => {
    if (folder === undefined || existsSync(folder)) return [];
    const { line, column, path } = source.mistakeAt(['models', name, 'path'], '');
    return [
      `${source.file}:${line}:${column}: ${path}: the folder ${folder} does not exist, so nothing of ${name} can be measured`,
    ];
  });
}

/** A profile that is there but says nothing of what its pool runs on. */
function hardwareWarnings({ models, pools }: Spec, profiles: ReadonlyMap<string, Profile>): string[] {
  return models.flatMap(({ name, pool }) => {
    const served = pools.find((other) => other.name === pool);
    const profile = profiles.get(name);
    if (served === undefined || profile === undefined || usableProfile(served, profile) !== undefined) return [];
    const measuredOn = profile.machine.gpu ?? 'a CPU';
    return [
      `the profile of ${name} was measured on ${measuredOn}, its pool ${pool} runs on ${served.gpu ?? 'CPUs'}: assumptions are taken instead`,
    ];
  });
}

/** A written plan and what speaks against it. */
export interface FoundPlan {
  readonly plan: WrittenPlan | undefined;
  readonly warnings: readonly string[];
}

/**
 * The plan beside a spec, if one was written.
 * @throws PlanInputError for a file that is not a plan
 */
export function readWrittenPlan(spec: Spec): FoundPlan {
  const file = join(dirname(spec.source.file), PLAN_FILE);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { plan: undefined, warnings: [] };
    throw unreadable('plan', file, error);
  }
  const plan = parsePlan(text, file);
  const stale = plan.specSha256 !== specSha256(spec);
  return {
    plan,
    warnings: [
      ...(stale ? [`${file} was made of another ${spec.source.file}: run 'headroom plan --write' again`] : []),
      ...otherThreads(spec, plan, file),
    ],
  };
}

/** Models whose model.yaml gives a run other threads than the plan has cores for. */
function otherThreads(spec: Spec, plan: WrittenPlan, file: string): string[] {
  const settings = readSettings(spec, new Map());
  return spec.models.flatMap(({ name, pool, folder }) => {
    const planned = plan.pools[pool]?.runThreads?.[name];
    if (planned === undefined || folder === undefined || !existsSync(folder)) return [];
    const now = threadsOfRun(settings.get(name)?.settings ?? {});
    if (now === planned) return [];
    return [
      `${file} was made for runs of ${name} with ${counted(planned, 'thread')}, its model.yaml has ${now}: run 'headroom plan --write' again`,
    ];
  });
}

/** Digest of the text of a spec. */
export function specSha256(spec: Spec): string {
  return createHash('sha256').update(readFileSync(spec.source.file)).digest('hex');
}
