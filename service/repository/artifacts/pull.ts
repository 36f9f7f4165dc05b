import { join } from 'node:path';
import type { ArtifactMetrics } from '../../telemetry/artifact-metrics';
import { ModelFolder } from './generation';
import { HttpClient } from './http-client';
import { ModelSync } from './model-sync';
import { addressOf, type RemoteModel } from './open-remote-models';
import { Remote } from './remote';
import { ArtifactStore } from './store';

export interface PulledModel {
  readonly name: string;
  readonly url: string;
  /** Why it did not arrive whole; empty where it did. */
  readonly problems: readonly string[];
}

/**
 * Brings remote models into a folder once, as `directory/<model>/<version>/model.onnx`, for `headroom serve --models`.
 * What is there already is not fetched again, and what the manifests no longer name is removed.
 *
 * @param region of the buckets where the environment names none
 * @throws ArtifactError where nothing can be written to the folder
 */
export async function pullModels(
  models: readonly RemoteModel[],
  directory: string,
  environment: Readonly<Record<string, string | undefined>>,
  region: string | undefined,
  metrics: ArtifactMetrics,
): Promise<PulledModel[]> {
  const store = new ArtifactStore({ directory: join(directory, '.artifacts'), maxBytes: Number.POSITIVE_INFINITY });
  await store.prepare();
  const client = new HttpClient();
  const signal = new AbortController().signal;
  const pulled: PulledModel[] = [];
  for (const { name, url } of models) {
    const remote = new Remote(addressOf(url, environment, region), client);
    const folder = new ModelFolder(store, join(directory, name), url);
    const sync = new ModelSync({ name, remote, store, folder, metrics });
    await sync.resume();
    await sync.look(signal);
    pulled.push({ name, url, problems: sync.problems.map(({ reason }) => reason) });
  }
  client.close();
  // What a model that failed had before is in use still, but may not be all that another process resumes from.
  if (pulled.every(({ problems }) => problems.length === 0)) await store.removeUnused();
  return pulled;
}
