import { version as serverVersion } from '../package.json';
import { loadSpec } from '../lib/spec/load';
import type { Slo } from '../lib/spec/use-cases';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { MemoryCache } from './cache/memory-cache';
import { PredictionCache } from './cache/prediction-cache';
import type { ServiceConfig } from './config';
import { createAdminApp } from './http/admin-app';
import { createInferenceApp } from './http/inference-app';
import type { HttpParts } from './http/parts';
import { Lifecycle } from './lifecycle';
import { type ExampleRequest, exampleRequest } from './model/example';
import { policyFor } from './predict/policy';
import { Predictor } from './predict/predictor';
import { ModelRepository } from './repository/model-repository';
import { loadServedModel, type ServedModel } from './repository/served-model';
import { Shutdown } from './shutdown';
import { Metrics } from './telemetry/metrics';

/** Files that are where the program was installed. */
export interface InstalledFiles {
  /** The bundle that worker threads run. */
  readonly workerPath: string;
  /** The bundled models, served where neither a folder nor a spec says otherwise. */
  readonly bundledModels: string;
}

export interface DescribedModel {
  readonly name: string;
  readonly version: number;
  readonly executor: string;
  readonly maxBatchRows: number;
  readonly slo: Slo | undefined;
  readonly example: ExampleRequest | undefined;
}

/** What a running service serves and where. */
export interface ServiceDescription {
  readonly httpUrl: string;
  readonly adminUrl: string;
  readonly models: readonly DescribedModel[];
  readonly unavailable: readonly { readonly name: string; readonly version: string; readonly reason: string }[];
}

/** A service that listens. */
export interface Service {
  describe(): ServiceDescription;
  /** Begins the stop by hand, as SIGTERM does. */
  stop(reason: string): void;
  /** Resolves with the exit code when everything is closed. */
  readonly stopped: Promise<number>;
}

/**
 * Starts the service: listens first, so that probes get answers, then loads the models. Resolves when it is ready.
 * Stops on SIGTERM and SIGINT, and by itself when memory grows beyond its limit.
 *
 * @throws ConfigError and DocumentError when it cannot start as configured
 */
export async function startService(config: ServiceConfig, logger: Logger, files: InstalledFiles): Promise<Service> {
  const spec = config.spec === undefined ? undefined : loadSpec(config.spec);
  const lifecycle = new Lifecycle();
  const metrics = new Metrics();
  const cache = config.cacheMib === 0 ? undefined : new PredictionCache(new MemoryCache(config.cacheMib * 2 ** 20));
  const policyOf = (model: ServedModel) => policyFor(model, spec);
  const repository = createRepository(config, logger, files, spec, metrics);
  metrics.observe({ models: () => observedModels(repository), cacheBytes: () => cache?.sizeBytes ?? 0 });
  const parts: HttpParts = {
    repository,
    predictor: new Predictor(metrics, cache, policyOf),
    metrics,
    health: lifecycle,
    logger,
    bodyLimitBytes: config.bodyLimitMib * 2 ** 20,
    serverVersion,
  };
  const inference = await createInferenceApp(parts);
  const admin = await createAdminApp(parts, inference);
  const urls = await listen(inference, admin, config);
  const shutdown = new Shutdown({ inference, admin, repository, lifecycle, logger, config });
  shutdown.watchSignals();
  await repository.start();
  lifecycle.becomeReady();
  shutdown.watchMemory();
  return {
    describe: () => ({ ...urls, ...describeModels(repository, policyOf) }),
    stop: (reason) => shutdown.begin(reason),
    stopped: shutdown.finished,
  };
}

function createRepository(
  config: ServiceConfig,
  logger: Logger,
  { workerPath, bundledModels }: InstalledFiles,
  spec: LoadedSpec | undefined,
  metrics: Metrics,
): ModelRepository {
  return new ModelRepository({
    paths: config.models ?? spec?.modelFolders ?? bundledModels,
    pollIntervalMs: config.pollIntervalMs,
    logger,
    load: (source) => loadServedModel(source, { workerPath, defaults: config, observer: observerOf(source, metrics, logger) }),
    onGone: ({ name, version }) => metrics.forget(name, String(version)),
  });
}

async function listen(
  inference: FastifyInstance,
  admin: FastifyInstance,
  { host, httpPort, adminPort }: ServiceConfig,
): Promise<{ httpUrl: string; adminUrl: string }> {
  const adminUrl = await listenOn(admin, host, adminPort);
  return { httpUrl: await listenOn(inference, host, httpPort), adminUrl };
}

async function listenOn(app: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      throw new ConfigError(`port ${port} on ${host} is in use by another program`);
    }
    throw error;
  }
}

function* observedModels(repository: ModelRepository): Iterable<ObservedModel> {
  for (const { name, version, state } of repository.index()) {}
}
