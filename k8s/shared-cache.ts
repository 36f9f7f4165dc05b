import { Chart, Duration, Size } from 'cdk8s';
import {
  Cpu,
  Deployment,
  DeploymentStrategy,
  ImagePullPolicy,
  LabelSelector,
  Pods,
  Probe,
  Service,
} from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import type { Spec } from '../lib/spec/load';
import { LOCKED_DOWN, lockDown } from './lock-down';
import { CACHE_COMPONENT, COMPONENT_LABEL, SHARED_CACHE_NAME, systemLabels } from './names';
import type { KubernetesSettings } from './settings';

export const REDIS_PORT = 6379;

/** Valkey, which speaks Redis' protocol under a free licence. */
const IMAGE = 'valkey/valkey:8.1-alpine';
/** Memory of the container; what Valkey itself needs beside the rows lies between the two. */
const MEMORY = Size.mebibytes(512);
const MAX_ROWS_MEMORY = '384mb';
/** The user of the image, by number, because Kubernetes cannot see from a name that it is not root. */
const USER_ID = 999;

/** Whether the cluster itself holds the cache that replicas share: where nobody else does. */
export function hasSharedCache({ kubernetes }: Spec, { redis }: KubernetesSettings): boolean {
  return redis === undefined && kubernetes.platform === 'generic';
}

/** Where replicas find the cache that they share; undefined where there is none. */
export function sharedCacheUrl(spec: Spec, settings: KubernetesSettings): string | undefined {
  if (hasSharedCache(spec, settings)) return `redis://${SHARED_CACHE_NAME}.${spec.name}.svc:${REDIS_PORT}`;
  return settings.redis?.url;
}

/**
 * A Redis that all replicas share, for clusters without a managed one. A cache and nothing else: one replica, nothing on
 * disk, the least used rows go first. Its loss costs hits, never requests.
 */
export class SharedCacheChart extends Chart {
  constructor(scope: Construct, id: string, spec: Spec) {
    const labels = { ...systemLabels(spec), [COMPONENT_LABEL]: CACHE_COMPONENT };
    super(scope, id, { namespace: spec.name, labels, disableResourceNameHashes: true });
    const deployment = new Deployment(this, 'deployment', {
      metadata: { name: SHARED_CACHE_NAME },
      podMetadata: { labels },
      select: false,
      replicas: 1,
      // Two at once would split the rows between them.
      strategy: DeploymentStrategy.recreate(),
      automountServiceAccountToken: false,
      securityContext: { ensureNonRoot: true, user: USER_ID, group: USER_ID },
    });
    deployment.select(LabelSelector.of({ labels }));
    deployment.addContainer({
      name: SHARED_CACHE_NAME,
      image: IMAGE,
      // The library would ask the registry at every start: a cache must come back without it.
      imagePullPolicy: ImagePullPolicy.IF_NOT_PRESENT,
      args: ['--save', '', '--appendonly', 'no', '--maxmemory', MAX_ROWS_MEMORY, '--maxmemory-policy', 'allkeys-lru'],
      ports: [{ name: 'redis', number: REDIS_PORT }],
      resources: {
        cpu: { request: Cpu.millis(250), limit: Cpu.units(1) },
        memory: { request: MEMORY, limit: MEMORY },
      },
      securityContext: LOCKED_DOWN,
      readiness: Probe.fromTcpSocket({ port: REDIS_PORT, periodSeconds: Duration.seconds(5) }),
      liveness: Probe.fromTcpSocket({ port: REDIS_PORT, periodSeconds: Duration.seconds(10), failureThreshold: 6 }),
    });
    lockDown(deployment);
    new Service(this, 'service', {
      metadata: { name: SHARED_CACHE_NAME },
      selector: Pods.select(this, 'pods', { labels }),
      ports: [{ name: 'redis', port: REDIS_PORT, targetPort: REDIS_PORT }],
    });
  }
}
