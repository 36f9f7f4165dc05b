import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { BaseLogger } from 'pino';
import type { ArtifactMetrics } from '../../telemetry/artifact-metrics';
import { ModelFolder } from './generation';
import { HttpClient } from './http-client';
import { httpsAddress } from './https-address';
import { ModelSync } from './model-sync';
import { type Address, Remote } from './remote';
import { RemoteModels } from './remote-models';
import { s3Address } from './s3-address';
import { ArtifactStore } from './store';

type Environment = Readonly<Record<string, string | undefined>>;

export interface RemoteModel {
  readonly name: string;
  /** `s3://…` or `https://…`. */
  readonly url: string;
}

export interface RemoteModelsSettings {
  /** Of the artifact cache; undefined: the one of the user. */
  readonly directory: string | undefined;
  readonly maxBytes: number;
  readonly pollIntervalMs: number;
  /** Region of the buckets where the environment names none. */
  readonly region: string | undefined;
  /** For what the AWS tools read, too, and the user's folder of caches. */
  readonly environment: Environment;
  readonly metrics: ArtifactMetrics;
  readonly logger: Pick<BaseLogger, 'info' | 'error'>;
}

/**
 * Remote models for a service that runs.
 * @returns what keeps them in step, and the folder of each by its name
 */
export function openRemoteModels(
  models: readonly RemoteModel[],
  settings: RemoteModelsSettings,
): { readonly remote: RemoteModels; readonly folders: ReadonlyMap<string, string> } {
  const { directory, maxBytes, pollIntervalMs, environment, region, metrics, logger } = settings;
  const store = new ArtifactStore({ directory: resolve(directory ?? userCache(environment)), maxBytes });
  metrics.observeStore(() => store.sizeBytes());
  const folders = new Map(models.map((model) => [model.name, folderInCache(store.directory, model)]));
  const client = new HttpClient();
  const syncs = [...models].map(({ name, url }) => {
    const remote = new Remote(addressOf(url, environment, region), client);
    const folder = new ModelFolder(store, folders.get(name) ?? '', url);
    return new ModelSync({ name, remote, store, folder, metrics });
  });
  return {
    remote: new RemoteModels({ store, client, models: syncs, pollIntervalMs, random: Math.random, logger }),
    folders,
  };
}

/** @param region where the environment names none */
export function addressOf(url: string, environment: Environment, region: string | undefined): Address {
  return url.startsWith('s3://') ? s3Address(url, environment, region) : httpsAddress(url);
}

/** The folder of a model in an artifact cache. A model of another address is another one, even under the same name. */
export function folderInCache(cacheDirectory: string, { name, url }: RemoteModel): string {
  const suffix = createHash('sha256').update(url).digest('hex').slice(0, 12);
  return join(cacheDirectory, 'models', `${name}-${suffix}`);
}

/** The artifact cache where no other is named. */
export function userCache(environment: Environment): string {
  return join(environment.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'headroom', 'artifacts');
}
