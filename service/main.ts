import { existsSync } from 'node:fs';
import type { Logger } from 'pino';
import { loadSpec, type Spec } from '../lib/spec/load';
import { messageOf } from '../lib/spec/message-of';
import { version as serverVersion } from '../package.json';
import { FeatureCache } from './cache/features/feature-cache';
import { configuredFeatureStore } from './cache/features/store-address';
import { openPredictionCache } from './cache/open-prediction-cache';
import type { PredictionCache } from './cache/prediction-cache';
import { parseRedisAddress } from './cache/redis-address';
import { iamCredentials } from './cache/redis-iam';
import { RetirementTurn } from './cache/retirement-turn';
import { describeModels, observedModels, type ServiceDescription } from './description';
import { ConfigError } from './errors';
import { createAdminApp } from './http/admin-app';
import { createInferenceApp } from './http/inference-app';
import { listen } from './http/listen';
import { Lifecycle } from './lifecycle';
import { Opened } from './opened';
import { CacheAdministration } from './predict/cache-administration';
import { policyFor } from './predict/policy';
import { Predictor } from './predict/predictor';
import type { Provider } from './provider';
import { parseModelStore, placesOf } from './repository/artifacts/model-places';
import { openRemoteModels } from './repository/artifacts/open-remote-models';
import type { RemoteModels } from './repository/artifacts/remote-models';
import { ModelRepository } from './repository/model-repository';
import { loadServedModel, type ServedModel } from './repository/served-model';
import { tryProvider } from './runtime/session';
import type { ServiceConfig } from './settings';
import { Shutdown } from './shutdown';
import { Metrics } from './telemetry/metrics';

/** Files that are where the program was installed. */
export interface InstalledFiles {
  /** The bundle that worker threads run. */
  readonly workerPath: string;
  /** The bundled models, served where neither a folder nor a spec says otherwise. */
  readonly bundledModels: string;
}

/** A service that listens. */
export interface Service {
  describe(): ServiceDescription;
  /** Resolves with the exit code when everything is closed. */
  readonly stopped: Promise<number>;
}

/**
 * Starts the service: listens first, so that probes get answers, then loads the models. Resolves when it is ready.
 * Stops on SIGTERM and SIGINT, and by itself when memory grows beyond its limit.
 *
 * @throws ConfigError, SpecFileError and DocumentError when it cannot start as configured
 */
export async function startService(config: ServiceConfig, logger: Logger, files: InstalledFiles): Promise<Service> {
  const opened = new Opened();
  try {
    return await start(config, logger, files, opened);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function start(config: ServiceConfig, logger: Logger, files: InstalledFiles, opened: Opened): Promise<Service> {
  const spec = config.spec === undefined ? undefined : loadSpec(config.spec);
  const policyOf = (model: ServedModel) => policyFor(model, spec);
  if (config.models !== undefined && !existsSync(config.models)) {
    throw new ConfigError(`the model folder '${config.models}' does not exist`);
  }
  await requireProvider(config.provider);
  const lifecycle = new Lifecycle();
  const metrics = new Metrics();
  const features = opened.add(openFeatures(config, logger, metrics));
  const cache = openCache(config, logger, metrics, features);
  if (cache !== undefined) opened.add(cache);
  const repository = opened.add(createRepository(config, logger, files, spec, metrics));
  metrics.observe({
    models: () => observedModels(repository),
    cacheBytes: () => cache?.sizeBytes ?? 0,
    featureCacheBytes: () => features.sizeBytes,
  });
  const predictor = new Predictor(metrics, cache, policyOf, features);
  const parts = {
    repository,
    predictor,
    cacheAdministration: new CacheAdministration({ repository, predictor, cache, features, metrics: metrics.caches }),
    metrics,
    health: lifecycle,
    logger,
    bodyLimitBytes: config.bodyLimitMib * 2 ** 20,
    serverVersion,
  };
  const inference = opened.add(await createInferenceApp(parts));
  const admin = opened.add(await createAdminApp(parts, inference));
  const urls = {
    httpUrl: await listen(inference, config.host, config.httpPort),
    adminUrl: await listen(admin, config.host, config.adminPort),
  };
  const shutdown = new Shutdown({
    inference,
    admin,
    repository,
    caches: [cache, features],
    lifecycle,
    logger,
    config,
    turn: retirementTurn(config, spec),
  });
  shutdown.watchSignals();
  await repository.start();
  lifecycle.becomeReady();
  shutdown.watchMemory();
  return {
    describe: () => ({ ...urls, ...describeModels(repository, policyOf) }),
    stopped: shutdown.finished,
  };
}

/** One sentence at the start instead of one for each model, in an index that nobody may read. */
async function requireProvider(provider: Provider): Promise<void> {
  if (provider === 'cpu') return;
  try {
    await tryProvider(provider);
  } catch (error) {
    const reason = messageOf(error);
    throw new ConfigError(
      `--provider is '${provider}', but models cannot run on it here: ${reason}; it takes the GPU image and a GPU`,
    );
  }
}

function openFeatures(config: ServiceConfig, logger: Logger, metrics: Metrics): FeatureCache {
  return new FeatureCache({ address: configuredFeatureStore(config, process.env), metrics: metrics.caches, logger });
}

function openCache(
  config: ServiceConfig,
  logger: Logger,
  metrics: Metrics,
  follower: FeatureCache,
): PredictionCache | undefined {
  // Read even where nothing is cached, so that a mistake is told at once and not when caching is switched on.
  const redis = config.redis === undefined ? undefined : parseRedisAddress(config.redis, '--redis');
  const credentials = iamCredentials(config, redis, process.env);
  if (config.cacheMib === 0) return undefined;
  const maxBytes = config.cacheMib * 2 ** 20;
  return openPredictionCache({ maxBytes, redis, credentials, follower, metrics: metrics.caches, logger });
}

/** A restarted replica is ready again within about this. */
const START_MS = 60_000;

/** Undefined where replicas share no Redis. */
function retirementTurn(config: ServiceConfig, spec: Spec | undefined): RetirementTurn | undefined {
  if (config.redis === undefined) return undefined;
  const address = parseRedisAddress(config.redis, '--redis');
  const pool = spec === undefined ? '' : `${spec.name}/${spec.pools.map(({ name }) => name).join('+')}`;
  const holdMs = config.preStopMs + config.drainTimeoutMs + START_MS;
  return new RetirementTurn({ address, credentials: iamCredentials(config, address, process.env), pool, holdMs });
}

function createRepository(
  config: ServiceConfig,
  logger: Logger,
  { workerPath, bundledModels }: InstalledFiles,
  spec: Spec | undefined,
  metrics: Metrics,
): ModelRepository {
  const { workers, intraOpThreads, provider, queueRows, pollIntervalMs } = config;
  const named =
    config.models === undefined && spec !== undefined ? openSpecModels(config, spec, metrics, logger) : undefined;
  return new ModelRepository({
    paths: config.models ?? named?.folders ?? bundledModels,
    remote: named?.remote,
    pollIntervalMs,
    logger,
    load: (source) =>
      loadServedModel(source, {
        workerPath,
        runtime: { workers, intraOpThreads, provider, queueRows },
        observe: ({ name, version }) => ({
          onBatch: (rows) => metrics.model(name, String(version)).batchRows.observe(rows),
          onWorkerLost: (reason, restartDelayMs) =>
            logger.error({ model: name, version, reason, restartDelayMs }, 'a worker ended and is being replaced'),
        }),
      }),
    onGone: ({ name, version }) => metrics.forget(name, String(version)),
  });
}

/** The folder of each model that the spec names, and what keeps those of remote models in step. */
function openSpecModels(
  { modelStore, artifactCache, artifactCacheMib, artifactPollMs }: ServiceConfig,
  { models, aws }: Spec,
  metrics: Metrics,
  logger: Logger,
): { folders: ReadonlyMap<string, string>; remote: RemoteModels | undefined } {
  const store = modelStore === undefined ? undefined : parseModelStore(modelStore, '--model-store');
  const places = placesOf(models, store);
  const local = places.local.map(({ name, folder }) => [name, folder] as const);
  if (places.remote.length === 0) return { folders: new Map(local), remote: undefined };
  const { remote, folders } = openRemoteModels(places.remote, {
    directory: artifactCache,
    maxBytes: artifactCacheMib * 2 ** 20,
    pollIntervalMs: artifactPollMs,
    region: aws?.region,
    environment: process.env,
    metrics: metrics.artifacts,
    logger,
  });
  return { folders: new Map([...local, ...folders]), remote };
}
