import { join } from 'node:path';
import { PlanInputError } from '../../../lib/plan/errors';
import { findProfile, type Profile, profileFile } from '../../../lib/plan/profile';
import { number } from '../../report/numbers';
import { writeReport } from '../../report/store';
import { describeMachine, type Machine, sameMachine } from '../measure/machine';
import type { LoadSlo } from '../measure/slo';
import type { ModelCapacity } from './report';

/** The profile of a model, or why there is none, in one sentence. */
export function profileOf(
  model: ModelCapacity,
  slo: LoadSlo,
  about: { readonly machine: Machine; readonly at: string },
): { readonly profile: Profile } | { readonly missing: string } {
  const { name, digest, capacityQps, limitedBy, atCapacity, coldStartSeconds, serviceTime, latency } = model;
  const p95 = slo.percentiles.find(({ percentile }) => percentile === 95);
  if (limitedBy === 'others') {
    return {
      missing: `no profile of ${name}: the search was given up, as other programs kept the machine too busy: measure on a quiet one`,
    };
  }
  if (capacityQps === undefined)
    return { missing: `the SLO of ${name} holds at no rate, so it has no capacity to plan with` };
  if (p95 === undefined)
    return { missing: `no profile of ${name}: a profile states the capacity at a p95, but --slo has none` };
  if (digest === undefined || atCapacity?.cpuSecondsPerRequest === undefined || coldStartSeconds === undefined) {
    return { missing: `no profile of ${name}: cold start and CPU are only measured of a service that --local starts` };
  }
  if (limitedBy === 'max-rate') {
    return {
      missing: `no profile of ${name}: its SLO still holds at ${number(capacityQps)} requests/s, the highest rate tried, so its capacity is more and unknown: give a higher --max-rate`,
    };
  }
  return {
    profile: {
      model: name,
      artifactDigest: digest,
      machine: about.machine,
      measuredAt: about.at,
      slo: { p95Ms: p95.maxMs },
      capacityQps: rounded(capacityQps),
      ...(model.settings === undefined ? {} : { settings: model.settings }),
      serviceTime: { fixedMs: rounded(serviceTime.fixedMs), perRowMs: rounded(serviceTime.perRowMs) },
      cpuSecondsPerRequest: rounded(atCapacity.cpuSecondsPerRequest),
      coldStartSeconds: rounded(coldStartSeconds),
      latency: latency.flatMap(latencyPoint),
      ...(model.cacheHitRatio === undefined ? {} : { cacheHitRatio: rounded(model.cacheHitRatio) }),
      ...(model.coreScaling.length === 0 ? {} : { coreScaling: coreScaling(model, capacityQps, about.machine) }),
      ...(model.batchRows === undefined ? {} : { batchRows: rounded(model.batchRows) }),
      ...(model.memoryBytes === undefined ? {} : { memoryBytes: Math.round(model.memoryBytes) }),
    },
  };
}

/** What was measured on fewer cores, and the capacity on all, of which the load generator took its part. */
function coreScaling(
  { coreScaling: points }: ModelCapacity,
  capacityQps: number,
  { cores }: Machine,
): NonNullable<Profile['coreScaling']> {
  return [...points, { cores, capacityQps, shared: true as const }].map((point) => ({
    ...point,
    capacityQps: rounded(point.capacityQps),
  }));
}

function latencyPoint({
  qps,
  latencyMs,
  cpuSecondsPerRequest,
}: ModelCapacity['latency'][number]): NonNullable<Profile['latency']> {
  const { p50, p95, p99 } = latencyMs;
  if (p50 === undefined || p95 === undefined || p99 === undefined) return [];
  const cpu = cpuSecondsPerRequest === undefined ? {} : { cpuSecondsPerRequest: rounded(cpuSecondsPerRequest) };
  return [{ qps: rounded(qps), p50Ms: p50, p95Ms: p95, p99Ms: p99, ...cpu }];
}

/**
 * Writes a profile.
 * @param project folder of the spec
 * @returns its file, and what is lost with the one that it replaces: that of another machine or artifact, a higher
 * capacity, or one that could not be read
 */
export function writeProfile(profile: Profile, project: string): { file: string; warnings: string[] } {
  const file = join(project, profileFile(profile.model));
  const warnings = replacementWarnings(project, profile, file);
  writeReport('--find-capacity', file, `${JSON.stringify(profile, undefined, 2)}\n`);
  return { file, warnings };
}

function replacementWarnings(project: string, after: Profile, file: string): string[] {
  let before: Profile | undefined;
  try {
    before = findProfile(project, after.model);
  } catch (error) {
    // What was measured for minutes is not thrown away for a broken file that it replaces.
    if (error instanceof PlanInputError) return [`${file} could not be used and has been replaced`];
    throw error;
  }
  if (before === undefined) return [];
  const lower =
    after.capacityQps < before.capacityQps
      ? [
          `${file} has been replaced by a lower capacity: it was ${number(before.capacityQps)} requests/s, it is ${number(after.capacityQps)}`,
        ]
      : [];
  return [...otherOrigin(before, after, file), ...lower];
}

function otherOrigin(before: Profile, after: Profile, file: string): string[] {
  if (!sameMachine(before.machine, after.machine)) {
    return [`${file} was measured on another machine (${describeMachine(before.machine)}) and has been replaced`];
  }
  if (before.artifactDigest !== after.artifactDigest) {
    return [`${file} was measured with another artifact (${before.artifactDigest.slice(0, 12)}) and has been replaced`];
  }
  return [];
}

function rounded(value: number): number {
  return Number(value.toPrecision(5));
}
