import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Spec, SpecModel, SpecPool } from '../lib/spec/load';
import type { KubernetesSettings } from './settings';

const MEBIBYTE = 2 ** 20;

/** What is assumed of a model that lies elsewhere: synthesis asks nobody. Above it, Mountpoint for S3 fits better. */
const REMOTE_MODEL_MIB = 1024;

/** A new version is fetched while the one before it serves. */
const GENERATIONS = 2;

/** Sizes are whole gibibytes, so that a model that changes a little does not replace every pod. */
const STEP_MIB = 1024;

/** Room in the volume for what is not a file of a model: links, and how far downloads are. */
const OVERHEAD_MIB = 64;

/** The volume into which the models of a pod are fetched. */
export interface ModelVolume {
  readonly sizeMib: number;
  /** What the files of the models may take of it. */
  readonly cacheMib: number;
}

/** Undefined for a pool whose models are all in the image. */
export function modelVolume(spec: Spec, pool: SpecPool, { modelStore }: KubernetesSettings): ModelVolume | undefined {
  const fetched = spec.models.filter(
    (model) => model.pool === pool.name && (model.url !== undefined || modelStore !== undefined),
  );
  if (fetched.length === 0) return undefined;
  const modelsMib = fetched.reduce((sum, model) => sum + modelMib(model), 0);
  const sizeMib = Math.ceil((GENERATIONS * modelsMib + OVERHEAD_MIB) / STEP_MIB) * STEP_MIB;
  return { sizeMib, cacheMib: sizeMib - OVERHEAD_MIB };
}

function modelMib({ folder }: SpecModel): number {
  const sizeBytes = folder === undefined ? undefined : sizeOf(folder);
  return sizeBytes === undefined ? REMOTE_MODEL_MIB : sizeBytes / MEBIBYTE;
}

/** Undefined for a folder that is not on this machine: it was pushed from another. */
function sizeOf(folder: string): number | undefined {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((name) => statSync(join(folder, name)))
      .reduce((sum, stats) => sum + (stats.isFile() ? stats.size : 0), 0);
  } catch {
    return undefined;
  }
}
