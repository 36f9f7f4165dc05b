import { ApiObject, type Chart, Duration, Size } from 'cdk8s';
import {
  ConfigMap,
  Cpu,
  Deployment,
  DeploymentStrategy,
  EnvValue,
  ImagePullPolicy,
  k8s,
  LabelSelector,
  Node,
  NodeLabelQuery,
  NodeTaintQuery,
  PercentOrAbsolute,
  Probe,
  ServiceAccount,
  TaintEffect,
  Volume,
} from 'cdk8s-plus-27';
import { GPU_NODES, IMAGE, PATHS, PORTS, SERVICE_ACCOUNT, SHUTDOWN } from '../lib/contract';
import type { Spec, SpecPool } from '../lib/spec/load';
import { LOCKED_DOWN, lockDown } from './lock-down';
import { COMPONENT_LABEL, INFERENCE_COMPONENT, poolLabels, poolNames } from './names';
import type { PodSize } from './pod-size';
import type { PoolConfig } from './pool-config';
import { setField } from './set-field';
import type { KubernetesSettings } from './settings';
import { sharedCacheUrl } from './shared-cache';

const CONFIG_DIRECTORY = '/etc/headroom';
const SPEC_FILE = 'headroom.yaml';
/** Node and the image decoder may put small files there; all else is read-only. */
const TMP_SIZE = Size.mebibytes(64);

export interface PoolWorkloadOptions {
  readonly spec: Spec;
  readonly pool: SpecPool;
  readonly settings: KubernetesSettings;
  readonly config: PoolConfig;
  readonly size: PodSize;
}

/** The replicas of a pool: its configuration and its Deployment, which an autoscaler is to size. */
export function addPoolWorkload(chart: Chart, options: PoolWorkloadOptions): Deployment {
  const { spec, pool, config } = options;
  const names = poolNames(pool.name);
  new ConfigMap(chart, 'config', { metadata: { name: names.config }, data: { [SPEC_FILE]: config.text } });
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
  addContainer(deployment, options);
  if (pool.gpu !== undefined) scheduleOnGpu(deployment, pool.gpu);
  spreadOut(deployment, spec, pool);
  lockDown(deployment);
  return deployment;
}

function addContainer(deployment: Deployment, options: PoolWorkloadOptions): void {
  const { pool, settings, size } = options;
  const container = deployment.addContainer({
    name: 'headroom',
    image: settings.image,
    imagePullPolicy: ImagePullPolicy.IF_NOT_PRESENT,
    ports: [
      { name: 'http', number: PORTS.http },
      { name: 'admin', number: PORTS.admin },
    ],
    envVariables: Object.fromEntries(
      Object.entries(environment(options)).map(([name, value]) => [name, EnvValue.fromValue(value)]),
    ),
    resources: {
      cpu: { request: Cpu.units(size.cpus), limit: Cpu.units(size.cpus) },
      memory: { request: Size.mebibytes(size.memoryMib), limit: Size.mebibytes(size.memoryMib) },
    },
    securityContext: LOCKED_DOWN,
    // Loading and warming up may take minutes; only then does liveness begin to count.
    startup: httpProbe(PATHS.ready, { periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 120 }),
    readiness: httpProbe(PATHS.ready, { periodSeconds: 2, timeoutSeconds: 1, failureThreshold: 2 }),
    // A process that only is slow must not be killed for it: a restart makes the others slower.
    liveness: httpProbe(PATHS.live, { periodSeconds: 10, timeoutSeconds: 10, failureThreshold: 6 }),
  });
  const config = ConfigMap.fromConfigMapName(deployment, 'config', poolNames(pool.name).config);
  container.mount(CONFIG_DIRECTORY, Volume.fromConfigMap(deployment, 'spec', config, { name: 'spec' }), {
    readOnly: true,
  });
  container.mount('/tmp', Volume.fromEmptyDir(deployment, 'tmp', 'tmp', { sizeLimit: TMP_SIZE }));
}

/** The settings of `headroom serve` that are not its defaults in a container. */
function environment({ spec, settings, size }: PoolWorkloadOptions): Record<string, string> {
  const { workers, intraOpThreads, cacheMib } = size;
  return {
    HEADROOM_HOST: '0.0.0.0',
    HEADROOM_HTTP_PORT: String(PORTS.http),
    HEADROOM_ADMIN_PORT: String(PORTS.admin),
    HEADROOM_SPEC: `${CONFIG_DIRECTORY}/${SPEC_FILE}`,
    HEADROOM_WORKERS: String(workers),
    HEADROOM_INTRA_OP_THREADS: String(intraOpThreads),
    HEADROOM_CACHE_MIB: String(cacheMib),
    ...redisEnvironment(spec, settings),
    ...(settings.modelStore === undefined ? {} : { HEADROOM_MODEL_STORE: settings.modelStore.url }),
    HEADROOM_PRE_STOP_MS: String(SHUTDOWN.preStopSeconds * 1000),
    HEADROOM_DRAIN_TIMEOUT_MS: String(SHUTDOWN.drainSeconds * 1000),
  };
}

function redisEnvironment(spec: Spec, settings: KubernetesSettings): Record<string, string> {
  const url = sharedCacheUrl(spec, settings);
  const iam = settings.redis?.iam;
  return {
    ...(url === undefined ? {} : { HEADROOM_REDIS: url }),
    ...(iam === undefined ? {} : { HEADROOM_REDIS_IAM_USER: iam.user, HEADROOM_REDIS_IAM_CACHE: iam.cacheName }),
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

function scheduleOnGpu(deployment: Deployment, gpu: string): void {
  deployment.scheduling.attract(Node.labeled(NodeLabelQuery.is(GPU_NODES.label, gpu)));
  deployment.scheduling.tolerate(
    Node.tainted(NodeTaintQuery.exists(GPU_NODES.taint, { effect: TaintEffect.NO_SCHEDULE })),
  );
  const object = ApiObject.of(deployment);
  // Devices are asked for by their limit; the request follows. The serialiser turns a plain 1 into null.
  const path = `/spec/template/spec/containers/0/resources/limits/${GPU_NODES.taint.replace('/', '~1')}`;
  setField(object, path, 1, k8s.Quantity.fromNumber(1));
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
