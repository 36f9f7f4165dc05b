import { Registry } from 'prom-client';
import { didYouMean } from '../../lib/spec/closest';
import type { Spec } from '../../lib/spec/load';
import { ArtifactError, BatchError } from '../../service/errors';
import { parseModelStore, placesOf } from '../../service/repository/artifacts/model-places';
import { folderInCache, userCache } from '../../service/repository/artifacts/open-remote-models';
import { pullModels } from '../../service/repository/artifacts/pull';
import type { ModelPaths } from '../../service/repository/scan';
import type { ServiceConfig } from '../../service/settings';
import { ArtifactMetrics } from '../../service/telemetry/artifact-metrics';

/**
 * Where a model lies, in the same places as for `headroom serve`; a remote one is fetched first.
 *
 * @param bundledModels where neither a folder nor a spec says otherwise
 * @throws BatchError for a model that the spec does not have
 * @throws ArtifactError for one that cannot be fetched just now
 */
export async function modelPaths(
  name: string,
  { models, modelStore, artifactCache }: ServiceConfig,
  spec: Spec | undefined,
  bundledModels: string,
): Promise<ModelPaths> {
  if (models !== undefined || spec === undefined) return models ?? bundledModels;
  const store = modelStore === undefined ? undefined : parseModelStore(modelStore, '--model-store');
  const { local, remote } = placesOf(spec.models, store);
  const folder = local.find((model) => model.name === name)?.folder;
  if (folder !== undefined) return new Map([[name, folder]]);
  const model = remote.find((one) => one.name === name);
  if (model === undefined) {
    const known = spec.models.map((one) => one.name);
    throw new BatchError(`the spec has no model '${name}', found: ${known.join(', ')}${didYouMean(name, known)}`);
  }
  const directory = artifactCache ?? userCache(process.env);
  const metrics = new ArtifactMetrics(new Registry());
  const options = {
    target: { kind: 'cache', directory },
    environment: process.env,
    region: spec.aws?.region,
    metrics,
  } as const;
  const [pulled] = await pullModels([model], options);
  const problems = pulled?.problems ?? [];
  if (problems.length > 0) {
    throw new ArtifactError(`model '${name}' cannot be fetched: ${problems.join('; ')}`, true);
  }
  return new Map([[name, folderInCache(directory, model)]]);
}
