import { ApiObject, Chart } from 'cdk8s';
import { type Deployment, k8s, Pods, Service } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { PORTS } from '../lib/contract';
import type { ReplicaSize } from '../lib/plan/size';
import type { Spec, SpecPool } from '../lib/spec/load';
import { addAutoscaler } from './autoscaler';
import { modelVolume } from './model-volume';
import { poolLabels, poolNames } from './names';
import { poolConfig } from './pool-config';
import { addPoolWorkload } from './pool-workload';
import type { KubernetesSettings } from './settings';

/** What a pod is made of, as far as pods of another kind are made after it. */
export interface PodTemplate {
  readonly spec: {
    readonly containers: readonly [PodContainer];
    readonly volumes: readonly object[];
    readonly securityContext: object;
    readonly topologySpreadConstraints: readonly object[];
  };
}

interface PodContainer {
  readonly volumeMounts: readonly object[];
  readonly ports: readonly object[];
  readonly startupProbe: object;
  readonly readinessProbe: object;
  readonly livenessProbe: object;
}

/** A pool: equal replicas behind one Service, sized by one autoscaler, taken away one at a time. */
export class PoolChart extends Chart {
  readonly #deployment: Deployment;

  constructor(
    scope: Construct,
    id: string,
    spec: Spec,
    pool: SpecPool,
    size: ReplicaSize,
    settings: KubernetesSettings,
  ) {
    super(scope, id, { namespace: spec.name, labels: poolLabels(spec, pool.name), disableResourceNameHashes: true });
    const names = poolNames(pool.name);
    this.#deployment = addPoolWorkload(this, {
      spec,
      pool,
      settings,
      config: poolConfig(spec, pool, settings),
      size,
      modelVolume: modelVolume(spec, pool, settings),
    });
    new Service(this, 'service', {
      metadata: { name: names.service },
      selector: Pods.select(this, 'pods', { labels: poolLabels(spec, pool.name) }),
      ports: [{ name: 'http', port: PORTS.http, targetPort: PORTS.http }],
    });
    addAutoscaler(this, { spec, pool, settings, deployment: this.#deployment });
    new k8s.KubePodDisruptionBudget(this, 'pdb', {
      metadata: { name: names.disruptionBudget },
      spec: {
        maxUnavailable: k8s.IntOrString.fromNumber(1),
        selector: { matchLabels: poolLabels(spec, pool.name) },
        // Replicas that do not work must not hold up the drain of a node.
        unhealthyPodEvictionPolicy: 'AlwaysAllow',
      },
    });
    const targetGroupArn = settings.targetGroupArns[pool.name];
    if (spec.kubernetes.platform === 'eks' && targetGroupArn !== undefined) {
      addTargetGroupBinding(this, pool.name, targetGroupArn);
    }
  }

  podTemplate(): PodTemplate {
    const manifest: { spec: { template: PodTemplate } } = ApiObject.of(this.#deployment).toJson();
    return manifest.spec.template;
  }
}

/**
 * Enters the replicas of a pool in a load balancer that lives outside the cluster, so that deleting the cluster leaves
 * none behind. A custom resource of the AWS Load Balancer Controller, of which the library knows nothing.
 */
function addTargetGroupBinding(chart: Chart, pool: string, targetGroupARN: string): void {
  const names = poolNames(pool);
  new ApiObject(chart, 'target-group-binding', {
    apiVersion: 'elbv2.k8s.aws/v1beta1',
    kind: 'TargetGroupBinding',
    metadata: { name: names.targetGroupBinding },
    spec: { serviceRef: { name: names.service, port: PORTS.http }, targetGroupARN, targetType: 'ip' },
  });
}
