import { join } from 'node:path';
import type { ArtifactMetrics } from '../../telemetry/artifact-metrics';
import { ModelFolder } from './generation';
import { HttpClient } from './http-client';
import { ModelSync } from './model-sync';
import { addressOf, folderInCache, type RemoteModel } from './open-remote-models';
import { Remote } from './remote';
import { ArtifactStore } from './store';

export interface PulledModel {
  readonly name: string;
  readonly url: string;
  /** Why it did not arrive whole; empty where it did. */
  readonly problems: readonly string[];
}

/** Where pulled models go. */
export type PullTarget =
  /** A folder of models, `<model>/<version>/model.onnx`, for `headroom serve --models`; holds nothing else. */
  | { readonly kind: 'folder'; readonly directory: string }
  /** The artifact cache of a service that is to start, which then has them without the network. */
  | { readonly kind: 'cache'; readonly directory: string };

export interface PullOptions {
  readonly target: PullTarget;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of the buckets where the environment names none. */
  readonly region: string | undefined;
  readonly metrics: ArtifactMetrics;
}

/**
 * Brings remote models to where they are served from, once. What is there already is not fetched again, and from a
 * folder of models goes what the manifests no longer name.
 *
 * @throws ArtifactError where nothing can be written to the target
 */
export async function pullModels(models: readonly RemoteModel[], options: PullOptions): Promise<PulledModel[]> {
  const { target, environment, region, metrics } = options;
  const directory = target.kind === 'folder' ? join(target.directory, '.artifacts') : target.directory;
  const store = new ArtifactStore({ directory, maxBytes: Number.POSITIVE_INFINITY });
  await store.prepare();
  const client = new HttpClient();
  const signal = new AbortController().signal;
  const pulled: PulledModel[] = [];
  for (const model of models) {
    const { name, url } = model;
    const path = target.kind === 'folder' ? join(target.directory, name) : folderInCache(directory, model);
    const remote = new Remote(addressOf(url, environment, region), client);
    const sync = new ModelSync({ name, remote, store, folder: new ModelFolder(store, path, url), metrics });
    await sync.resume();
    await sync.look(signal);
    pulled.push({ name, url, problems: sync.problems.map(({ reason }) => reason) });
  }
  client.close();
  // What a model that failed had before is in use still, but may not be all that another process resumes from. A cache
  // keeps what others put there, up to the limit of the service that uses it.
  const isComplete = pulled.every(({ problems }) => problems.length === 0);
  if (target.kind === 'folder' && isComplete) await store.removeUnused();
  return pulled;
}
