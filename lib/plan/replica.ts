import type { SpecModel, SpecPool } from '../spec/load';
import type { Profile } from './profile';

/** What one replica of a pool does with the pool's mix of models. */
export interface Replica {
  /** Requests/s at which p95 reaches the SLO. */
  readonly capacityQps: number;
  /** Time of a request when nothing else runs. */
  readonly idleMs: number;
  readonly cpuSecondsPerRequest: number;
  readonly cpuRequestMilli: number;
  /** From the creation of a pod to its first answer, on a node that has room. */
  readonly coldStartSeconds: number;
}

/** A number of the plan and where it comes from. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly source: 'measured' | 'assumed' | 'given';
  /** What it was measured with, or why it is assumed. */
  readonly detail: string;
}

interface AssumedModel {
  readonly capacityQps: number;
  readonly fixedMs: number;
  readonly perRowMs: number;
  readonly cpuSecondsPerRequest: number;
  readonly coldStartSeconds: number;
}

/**
 * Taken where no profile exists. Not measured: of the order of small tabular models on one core, and of an image model
 * on a small GPU. A measurement replaces them.
 */
export const ASSUMED_MODEL: Readonly<Record<SpecPool['hardware'], AssumedModel>> = {
  cpu: { capacityQps: 200, fixedMs: 2, perRowMs: 1, cpuSecondsPerRequest: 0.007, coldStartSeconds: 20 },
  gpu: { capacityQps: 400, fixedMs: 8, perRowMs: 1, cpuSecondsPerRequest: 0.003, coldStartSeconds: 60 },
};

/** Cores that a replica requests: one for the event loop, one for the models. */
export const CPU_REQUEST_MILLI = 2000;

/** Memory of a replica in MiB: the runtime, the bundled models and the cache, with as much again to spare. */
export const MEMORY_REQUEST_MIB = 1024;

/** One replica serving the pool's models in the proportion of their peaks, and where each number comes from. */
export function poolReplica(
  pool: SpecPool,
  models: readonly SpecModel[],
  profiles: ReadonlyMap<string, Profile>,
): { replica: Replica; figures: Figure[] } {
  const served = models.filter((model) => model.pool === pool.name && model.peakQps > 0);
  const measured = served.map((model) => ({ model, ...modelNumbers(pool, profiles.get(model.name)) }));
  const mean = (value: (numbers: AssumedModel) => number): number =>
    measured.reduce((sum, { model, numbers }) => sum + model.peakQps * value(numbers), 0) / pool.peakQps;
  const replica: Replica = {
    // Each request of a model takes its share of a replica: 1/capacity.
    capacityQps: 1 / mean(({ capacityQps }) => 1 / capacityQps),
    idleMs: mean(({ fixedMs, perRowMs }) => fixedMs + perRowMs),
    cpuSecondsPerRequest: mean(({ cpuSecondsPerRequest }) => cpuSecondsPerRequest),
    cpuRequestMilli: CPU_REQUEST_MILLI,
    coldStartSeconds: Math.max(...measured.map(({ numbers }) => numbers.coldStartSeconds)),
  };
  const figures = measured.flatMap(({ model, numbers, profile }) => modelFigures(model.name, numbers, profile, pool));
  return { replica, figures };
}

function modelNumbers(
  pool: SpecPool,
  profile: Profile | undefined,
): { numbers: AssumedModel; profile: Profile | undefined } {
  if (profile === undefined) return { numbers: ASSUMED_MODEL[pool.hardware], profile };
  const { capacityQps, serviceTime, cpuSecondsPerRequest, coldStartSeconds } = profile;
  return { numbers: { capacityQps, ...serviceTime, cpuSecondsPerRequest, coldStartSeconds }, profile };
}

function modelFigures(
  model: string,
  { capacityQps, fixedMs, perRowMs, cpuSecondsPerRequest, coldStartSeconds }: AssumedModel,
  profile: Profile | undefined,
  pool: SpecPool,
): Figure[] {
  const origin =
    profile === undefined
      ? ({ source: 'assumed', detail: 'no profile' } as const)
      : ({
          source: 'measured',
          detail: `profiles/${model}.json, ${profile.machine.cpu}, ${profile.measuredAt}`,
        } as const);
  const slo = `p95 ${profile?.slo.p95Ms ?? pool.slo?.p95Ms ?? '?'} ms`;
  return [
    { name: `${model}: capacity of a replica at ${slo}`, value: capacityQps, unit: 'requests/s', ...origin },
    { name: `${model}: time of one row alone`, value: fixedMs + perRowMs, unit: 'ms', ...origin },
    { name: `${model}: CPU per request`, value: cpuSecondsPerRequest * 1000, unit: 'ms', ...origin },
    { name: `${model}: cold start of a replica`, value: coldStartSeconds, unit: 's', ...origin },
  ];
}

/** What speaks against using profiles as they are: another artifact than the one deployed, or different machines. */
export function profileWarnings(
  profiles: readonly Profile[],
  deployedDigest: (model: string) => string | undefined,
): string[] {
  const warnings: string[] = [];
  for (const { model, artifactDigest } of profiles) {
    const deployed = deployedDigest(model);
    if (deployed === undefined || deployed === artifactDigest) continue;
    warnings.push(
      `the profile of ${model} was measured with the artifact ${artifactDigest.slice(0, 12)}, deployed is ${deployed.slice(0, 12)}: measure again`,
    );
  }
  const machines = new Set(profiles.map(({ machine }) => `${machine.cpu} (${machine.cores} cores)`));
  if (machines.size > 1) {
    warnings.push(
      `the profiles come from different machines (${[...machines].join(', ')}): their numbers do not compare`,
    );
  }
  return warnings;
}
