import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import { codeOf } from '../spec/code-of';
import { RUN_SETTINGS } from '../spec/run-settings';
import { checkedJson } from './checked-json';
import { unreadable } from './errors';

const positive = (description: string) => Type.Number({ exclusiveMinimum: 0, description });

const LatencyPoint = Type.Object({
  qps: positive('Requests/s that were offered and answered.'),
  p50Ms: positive('Median latency, from the time at which a request was due.'),
  p95Ms: positive('95th percentile.'),
  p99Ms: positive('99th percentile.'),
  cpuSecondsPerRequest: Type.Optional(positive('CPU time of the whole replica per request at this rate.')),
});

const CorePoint = Type.Object({
  cores: Type.Integer({ minimum: 1, description: 'Cores on which the replica was allowed to run.' }),
  capacityQps: positive('Capacity at the SLO on so many.'),
  shared: Type.Optional(
    Type.Literal(true, {
      description: 'Where the load generator ran on the same cores, so that the capacity on them alone may be higher.',
    }),
  ),
});

/** `profiles/<model>.json`: what one replica was measured to do with one model. */
export const ProfileSchema = Type.Object({
  model: Type.String({ minLength: 1 }),
  artifactDigest: Type.String({
    pattern: '^[0-9a-f]{64}$',
    patternErrorMessage: 'a hexadecimal sha256',
    description: 'Digest of the version that was measured.',
  }),
  machine: Type.Object({
    cpu: Type.String({ description: 'Model name of the processor.' }),
    cores: Type.Integer({ minimum: 1 }),
    memoryBytes: Type.Integer({ minimum: 1 }),
    node: Type.String({ description: 'Version of Node.js.' }),
    gpu: Type.Optional(
      Type.String({ description: 'GPU on which the model ran; left out where it ran on the processor.' }),
    ),
  }),
  measuredAt: Type.String({ description: 'Date and time, ISO 8601.' }),
  slo: Type.Object({ p95Ms: positive('The target at which the capacity was found.') }),
  settings: Type.Optional(
    Type.Object(RUN_SETTINGS, {
      description: 'What runs of the model were given; left out where the service told nothing.',
    }),
  ),
  capacityQps: positive('Highest rate in requests/s of one replica at which p95 stays within the SLO.'),
  serviceTime: Type.Object({
    fixedMs: Type.Number({ minimum: 0, description: 'a of duration(n) = a + b·n for a batch of n rows.' }),
    perRowMs: positive('b of duration(n) = a + b·n.'),
  }),
  cpuSecondsPerRequest: positive('CPU time of the whole replica per request, at capacity.'),
  coldStartSeconds: positive('From the creation of a replica to its first answer.'),
  latency: Type.Optional(
    Type.Array(LatencyPoint, { description: 'Latency at rates up to the capacity, in rising order.' }),
  ),
  cacheHitRatio: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 1,
      description:
        'Share of rows that the prediction cache answered while the capacity was found; 0 for distinct inputs.',
    }),
  ),
  batchRows: Type.Optional(positive('Mean rows of a run of the model, at capacity.')),
  memoryBytes: Type.Optional(
    Type.Integer({ minimum: 1, description: 'Resident memory of the whole replica, at capacity.' }),
  ),
  coreScaling: Type.Optional(
    Type.Array(CorePoint, { description: 'Capacity by cores, in rising order; left out where it was not measured.' }),
  ),
});

/** Measured capacity of one replica for one model. */
export type Profile = Static<typeof ProfileSchema>;

/** Where the profile of a model is, from the folder of the spec. */
export function profileFile(model: string): string {
  return `profiles/${model}.json`;
}

/**
 * The profile of a model, or undefined where none has been measured.
 * @param project folder of the spec
 * @throws PlanInputError for a file that cannot be read or is not a profile
 */
export function findProfile(project: string, model: string): Profile | undefined {
  const file = join(project, profileFile(model));
  let text: string;
  try {
    text = readFileSync(file, { encoding: 'utf8' });
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw unreadable('profile', file, error);
  }
  return parseProfile(text, file);
}

/** A profile from the text of its file; errors as {@link findProfile}. */
export function parseProfile(text: string, file: string): Profile {
  const cure = "measure it again with 'headroom load --local --find-capacity', or delete it";
  return checkedJson(ProfileSchema, text, { name: `the profile ${file}`, verb: 'is', cure });
}
