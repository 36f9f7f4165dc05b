import { findUrlProblem, isUrl, normaliseUrl } from '../lib/spec/model-url';
import { SettingsError } from './errors';

/** A batch run to be made in the cluster, see `headroom batch`. */
export interface BatchSettings {
  /** Name of a model of the spec. */
  readonly model: string;
  /** File or folder, and folder, in the volume or as `s3://bucket/key`. */
  readonly input: string;
  readonly output: string;
  /** Name of the claim of a volume that all pods of the run can mount. @default none: both are in buckets */
  readonly claim?: string;
  /** Pods that share the work. */
  readonly shards: number;
  readonly format: 'jsonl' | 'parquet';
  /** Columns to copy from the input, separated by commas. @default none */
  readonly keep?: string;
}

const DNS_NAME = /^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/;
/** Within the volume: no step up, no root of its own. */
const PATH = /^(?!\/)(?!(?:.*\/)?\.\.(?:\/|$))[^\0]+$/;
const SHARDS = /^[1-9]\d{0,4}$/;
const DEFAULT_SHARDS = '4';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the run from the environment; undefined where none is asked for.
 * @throws SettingsError naming the variable, its value and what is allowed
 */
export function readBatch(environment: Environment): BatchSettings | undefined {
  const model = environment.HEADROOM_BATCH_MODEL;
  if (model === undefined) return undefined;
  const format = environment.HEADROOM_BATCH_FORMAT ?? 'jsonl';
  if (format !== 'jsonl' && format !== 'parquet') {
    throw new SettingsError(`HEADROOM_BATCH_FORMAT is '${format}', allowed: jsonl, parquet`);
  }
  const keep = environment.HEADROOM_BATCH_KEEP;
  const [input, output] = [readPlace(environment, 'HEADROOM_BATCH_IN'), readPlace(environment, 'HEADROOM_BATCH_OUT')];
  const claim =
    environment.HEADROOM_BATCH_CLAIM === undefined && isUrl(input) && isUrl(output)
      ? undefined
      : read(environment, 'HEADROOM_BATCH_CLAIM', DNS_NAME, 'the name of a PersistentVolumeClaim');
  return {
    model,
    input,
    output,
    ...(claim === undefined ? {} : { claim }),
    shards: Number(
      read(environment, 'HEADROOM_BATCH_SHARDS', SHARDS, 'a whole number from 1 to 99999', DEFAULT_SHARDS),
    ),
    format,
    ...(keep === undefined ? {} : { keep }),
  };
}

function readPlace(environment: Environment, variable: string): string {
  const allowed = 'a path in the volume or s3://BUCKET/KEY';
  const value = environment[variable];
  if (value === undefined || !isUrl(value)) return read(environment, variable, PATH, allowed);
  if (value.startsWith('s3://') && findUrlProblem(value) === undefined) return normaliseUrl(value);
  throw new SettingsError(`${variable} is '${value}', expected ${allowed}`);
}

/** Whether a run reads or writes buckets. */
export function usesBuckets({ input, output }: BatchSettings): boolean {
  return isUrl(input) || isUrl(output);
}

function read(environment: Environment, variable: string, pattern: RegExp, allowed: string, initial?: string): string {
  const value = environment[variable] ?? initial;
  if (value === undefined) {
    throw new SettingsError(`HEADROOM_BATCH_MODEL is set, but ${variable} is not, expected ${allowed}`);
  }
  if (pattern.test(value)) return value;
  throw new SettingsError(`${variable} is '${value}', expected ${allowed}`);
}
