import { createHash } from 'node:crypto';
import { dirname, relative, resolve, sep } from 'node:path';
import { stringify } from 'yaml';
import { IMAGE } from '../lib/contract';
import { DocumentError } from '../lib/spec/errors';
import type { Spec, SpecModel, SpecPool } from '../lib/spec/load';
import type { KubernetesSettings } from './settings';

/** The part of the spec that a pool's pods need, as the text of a headroom.yaml of its own. */
export interface PoolConfig {
  readonly text: string;
  /** Changes when the pods must be replaced to follow. */
  readonly sha256: string;
}

/**
 * Cuts the spec down to one pool: its pods then serve the pool's models and no others, and a change to one pool does
 * not roll the pods of another. Paths become those inside the image.
 *
 * @throws DocumentError for a model that the image does not carry, with its line
 */
export function poolConfig(spec: Spec, pool: SpecPool, settings: KubernetesSettings): PoolConfig {
  const models = spec.models.filter((model) => model.pool === pool.name);
  const text = stringify({
    name: spec.name,
    models: Object.fromEntries(models.map((model) => [model.name, podModel(spec, model, settings)])),
    pools: { [pool.name]: { hardware: pool.hardware } },
    // Where buckets are, should the environment of the pods not tell.
    ...(spec.aws === undefined ? {} : { aws: { region: spec.aws.region } }),
  });
  return { text, sha256: createHash('sha256').update(text).digest('hex') };
}

function podModel(spec: Spec, model: SpecModel, settings: KubernetesSettings): object {
  const { useCase, peakQps, pool, slo, cache, features } = model;
  return { useCase, path: podPath(spec, model, settings), peakQps, pool, slo, cache, features };
}

/**
 * Where a pod finds a model: a remote one where it is, any other in the store of models or, without one, in the image,
 * which is built from the folder of the spec and takes what lies below models/.
 */
function podPath(spec: Spec, { name, folder, url }: SpecModel, { modelStore }: KubernetesSettings): string {
  if (url !== undefined) return url;
  // The pods are told the store apart: its address may not be known before it is deployed.
  if (modelStore !== undefined) return name;
  const parts = relative(dirname(resolve(spec.source.file)), folder).split(sep);
  if (parts[0] !== IMAGE.modelsFolder || parts.length < 2) {
    const message = `found '${parts.join('/')}', expected a folder below ${IMAGE.modelsFolder}/, which the image carries`;
    throw new DocumentError(spec.source.file, [spec.source.mistakeAt(['models', name, 'path'], message)]);
  }
  return [IMAGE.directory, ...parts].join('/');
}
