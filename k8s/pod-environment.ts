import { PORTS, SHUTDOWN } from '../lib/contract';
import type { ReplicaSize } from '../lib/plan/size';
import type { Spec, SpecPool } from '../lib/spec/load';
import { featureStoreUrl } from './feature-store';
import type { ModelVolume } from './model-volume';
import type { KubernetesSettings } from './settings';
import { sharedCacheUrl } from './shared-cache';

/** Where a pod finds its part of the spec. */
export const SPEC_PATH = '/etc/headroom/headroom.yaml';
/** Where the volume of fetched models is. */
export const MODELS_DIRECTORY = '/models';

export interface PodEnvironmentOptions {
  readonly spec: Spec;
  readonly pool: SpecPool;
  readonly settings: KubernetesSettings;
  readonly size: ReplicaSize;
  readonly modelVolume: ModelVolume | undefined;
}

/** The settings of `headroom serve` that are not its defaults in a container. */
export function serviceEnvironment(options: PodEnvironmentOptions): Record<string, string> {
  const { pool, size, modelVolume } = options;
  return {
    HEADROOM_HOST: '0.0.0.0',
    HEADROOM_HTTP_PORT: String(PORTS.http),
    HEADROOM_ADMIN_PORT: String(PORTS.admin),
    HEADROOM_SPEC: SPEC_PATH,
    HEADROOM_WORKERS: String(size.workers),
    HEADROOM_INTRA_OP_THREADS: String(size.intraOpThreads),
    HEADROOM_CACHE_MIB: String(size.cacheMib),
    ...(pool.hardware === 'gpu' && { HEADROOM_PROVIDER: 'cuda' }),
    ...redisEnvironment(options),
    ...featureEnvironment(options),
    ...modelEnvironment(options),
    ...(modelVolume === undefined ? {} : { HEADROOM_ARTIFACT_CACHE_MIB: String(modelVolume.cacheMib) }),
    HEADROOM_PRE_STOP_MS: String(SHUTDOWN.preStopSeconds * 1000),
    HEADROOM_DRAIN_TIMEOUT_MS: String(SHUTDOWN.drainSeconds * 1000),
  };
}

/** Those that `headroom pull` knows, too. */
export function modelEnvironment({ settings, modelVolume }: PodEnvironmentOptions): Record<string, string> {
  return {
    ...(settings.modelStore === undefined ? {} : { HEADROOM_MODEL_STORE: settings.modelStore.url }),
    ...(modelVolume === undefined ? {} : { HEADROOM_ARTIFACT_CACHE: MODELS_DIRECTORY }),
  };
}

function featureEnvironment({ spec, settings }: PodEnvironmentOptions): Record<string, string> {
  const url = featureStoreUrl(spec, settings);
  return url === undefined ? {} : { HEADROOM_FEATURE_STORE: url };
}

function redisEnvironment({ spec, settings }: PodEnvironmentOptions): Record<string, string> {
  const url = sharedCacheUrl(spec, settings);
  const iam = settings.redis?.iam;
  return {
    ...(url === undefined ? {} : { HEADROOM_REDIS: url }),
    ...(iam === undefined ? {} : { HEADROOM_REDIS_IAM_USER: iam.user, HEADROOM_REDIS_IAM_CACHE: iam.cacheName }),
  };
}
