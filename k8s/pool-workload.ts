import { basename, dirname } from 'node:path';
import { ApiObject, type Chart, Duration, Size } from 'cdk8s';
import {
  ConfigMap,
  type Container,
  type ContainerResources,
  Cpu,
  Deployment,
  DeploymentStrategy,
  EnvValue,
  ImagePullPolicy,
  LabelSelector,
  PercentOrAbsolute,
  Probe,
  Secret,
  ServiceAccount,
  Volume,
} from 'cdk8s-plus-27';
import { IMAGE, PATHS, PORTS, SERVICE_ACCOUNT, SHUTDOWN } from '../lib/contract';
import type { ReplicaSize } from '../lib/plan/size';
import type { Spec, SpecPool } from '../lib/spec/load';
import { scheduleOnGpu } from './gpu-scheduling';
import { LOCKED_DOWN, lockDown } from './lock-down';
import type { ModelVolume } from './model-volume';
import { COMPONENT_LABEL, INFERENCE_COMPONENT, poolLabels, poolNames } from './names';
import { MODELS_DIRECTORY, modelEnvironment, SPEC_PATH, serviceEnvironment } from './pod-environment';
import type { PoolConfig } from './pool-config';
import { setField } from './set-field';
import { imageFor, type KubernetesSettings } from './settings';

/** Node and the image decoder may put small files there; all else is read-only. */
const TMP_SIZE = Size.mebibytes(64);

export interface PoolWorkloadOptions {
  readonly spec: Spec;
  readonly pool: SpecPool;
  readonly settings: KubernetesSettings;
  readonly config: PoolConfig;
  readonly size: ReplicaSize;
  /** Where the pod's models are fetched to; undefined where all are in the image. */
  readonly modelVolume: ModelVolume | undefined;
}

/** The replicas of a pool: its configuration and its Deployment, which an autoscaler is to size. */
export function addPoolWorkload(chart: Chart, options: PoolWorkloadOptions): Deployment {
  const { spec, pool, config } = options;
  const names = poolNames(pool.name);
  new ConfigMap(chart, 'config', { metadata: { name: names.config }, data: { [basename(SPEC_PATH)]: config.text } });
  const deployment = new Deployment(chart, 'deployment', {
    metadata: { name: names.workload, labels: poolLabels(spec, pool.name) },
    podMetadata: {
      labels: { ...poolLabels(spec, pool.name), [COMPONENT_LABEL]: INFERENCE_COMPONENT },
      annotations: { 'headroom/config-sha256': config.sha256 },
    },
    select: false,
    // A new replica is ready before an old one goes, so a rollout takes no capacity away.
    strategy: DeploymentStrategy.rollingUpdate({
      maxSurge: PercentOrAbsolute.percent(25),
      maxUnavailable: PercentOrAbsolute.absolute(0),
    }),
    terminationGracePeriod: Duration.seconds(SHUTDOWN.graceSeconds),
    serviceAccount: ServiceAccount.fromServiceAccountName(chart, 'service-account', SERVICE_ACCOUNT),
    automountServiceAccountToken: false,
    securityContext: { ensureNonRoot: true, user: IMAGE.userId, group: IMAGE.userId },
  });
  deployment.select(LabelSelector.of({ labels: poolLabels(spec, pool.name) }));
  deployment.markHasAutoscaler();
  const containers = [addContainer(deployment, options)];
  if (options.modelVolume !== undefined) containers.push(addModelFetcher(deployment, options));
  mountVolumes(deployment, containers, options);
  if (pool.gpu !== undefined) scheduleOnGpu(deployment, pool.gpu);
  spreadOut(deployment, spec, pool);
  lockDown(deployment);
  return deployment;
}

function addContainer(deployment: Deployment, options: PoolWorkloadOptions): Container {
  const { pool, settings, size, modelVolume } = options;
  return deployment.addContainer({
    name: 'headroom',
    image: imageFor(settings, pool),
    imagePullPolicy: ImagePullPolicy.IF_NOT_PRESENT,
    ports: [
      { name: 'http', number: PORTS.http },
      { name: 'admin', number: PORTS.admin },
    ],
    envVariables: { ...variables(serviceEnvironment(options)), ...featureStoreToken(deployment, settings) },
    resources: {
      ...resources(size),
      // So that the pod goes to a node that has the room.
      ...(modelVolume && { ephemeralStorage: { request: Size.mebibytes(modelVolume.sizeMib) } }),
    },
    securityContext: LOCKED_DOWN,
    // Loading and warming up may take minutes; only then does liveness begin to count.
    startup: httpProbe(PATHS.ready, { periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 120 }),
    readiness: httpProbe(PATHS.ready, { periodSeconds: 2, timeoutSeconds: 1, failureThreshold: 2 }),
    // A process that only is slow must not be killed for it: a restart makes the others slower.
    liveness: httpProbe(PATHS.live, { periodSeconds: 10, timeoutSeconds: 10, failureThreshold: 6 }),
  });
}

/** Fetches the models before the service starts, and fails in its own name where one does not arrive whole. */
function addModelFetcher(deployment: Deployment, options: PoolWorkloadOptions): Container {
  return deployment.addInitContainer({
    name: 'models',
    image: imageFor(options.settings, options.pool),
    imagePullPolicy: ImagePullPolicy.IF_NOT_PRESENT,
    args: ['pull', '--spec', SPEC_PATH],
    envVariables: variables(modelEnvironment(options)),
    resources: resources(options.size),
    securityContext: LOCKED_DOWN,
  });
}

function mountVolumes(deployment: Deployment, containers: readonly Container[], options: PoolWorkloadOptions): void {
  const { pool, modelVolume } = options;
  const config = ConfigMap.fromConfigMapName(deployment, 'config', poolNames(pool.name).config);
  const spec = Volume.fromConfigMap(deployment, 'spec', config, { name: 'spec' });
  const tmp = Volume.fromEmptyDir(deployment, 'tmp', 'tmp', { sizeLimit: TMP_SIZE });
  const models =
    modelVolume &&
    Volume.fromEmptyDir(deployment, 'models', 'models', { sizeLimit: Size.mebibytes(modelVolume.sizeMib) });
  for (const container of containers) {
    container.mount(dirname(SPEC_PATH), spec, { readOnly: true });
    container.mount('/tmp', tmp);
    if (models !== undefined) container.mount(MODELS_DIRECTORY, models);
  }
}

function variables(environment: Readonly<Record<string, string>>): Record<string, EnvValue> {
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, EnvValue.fromValue(value)]));
}

/** By reference: whoever may read manifests may not read the token. */
function featureStoreToken(deployment: Deployment, { featureStore }: KubernetesSettings): Record<string, EnvValue> {
  if (featureStore?.tokenSecret === undefined) return {};
  const { name, key } = featureStore.tokenSecret;
  const secret = Secret.fromSecretName(deployment, 'feature-store-token', name);
  return { HEADROOM_FEATURE_STORE_TOKEN: EnvValue.fromSecretValue({ secret, key }) };
}

function resources({ cpuMillicores, memoryMib }: ReplicaSize): ContainerResources {
  return {
    cpu: { request: Cpu.units(cpuMillicores / 1000), limit: Cpu.units(cpuMillicores / 1000) },
    memory: { request: Size.mebibytes(memoryMib), limit: Size.mebibytes(memoryMib) },
  };
}

interface ProbeTimes {
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly failureThreshold: number;
}

function httpProbe(path: string, { periodSeconds, timeoutSeconds, failureThreshold }: ProbeTimes): Probe {
  return Probe.fromHttpGet(path, {
    port: PORTS.http,
    periodSeconds: Duration.seconds(periodSeconds),
    timeoutSeconds: Duration.seconds(timeoutSeconds),
    failureThreshold,
  });
}

/** The library can only keep replicas apart, not spread them. */
function spreadOut(deployment: Deployment, spec: Spec, pool: SpecPool): void {
  const spread = ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    // A replica in a full zone serves better than one that waits.
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: poolLabels(spec, pool.name) },
    // Replicas that are about to go must not push the new ones aside.
    matchLabelKeys: ['pod-template-hash'],
  }));
  setField(ApiObject.of(deployment), '/spec/template/spec/topologySpreadConstraints', spread);
}
