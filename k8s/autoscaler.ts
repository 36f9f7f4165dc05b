import { ApiObject, type Chart } from 'cdk8s';
import { type Deployment, k8s } from 'cdk8s-plus-27';
import { RECORDED_METRICS } from '../lib/contract';
import { SCALING_BEHAVIOR } from '../lib/plan/scaling';
import type { Spec, SpecPool } from '../lib/spec/load';
import { poolP95, seconds } from './monitoring/expressions';
import { poolNames } from './names';
import { secondsQuantity } from './quantity';
import type { KubernetesSettings } from './settings';

export interface AutoscalerOptions {
  readonly spec: Spec;
  readonly pool: SpecPool;
  readonly settings: KubernetesSettings;
  readonly deployment: Deployment;
}

/** Sizes a pool on CPU and on the p95 of its predictions, by the scaler that the spec chooses; never by both. */
export function addAutoscaler(chart: Chart, options: AutoscalerOptions): void {
  if (options.pool.scaler === 'keda') addScaledObject(chart, options);
  else addHorizontalPodAutoscaler(chart, options);
}

/** The library's own HorizontalPodAutoscaler cannot say `100m`: its targets are numbers, and 0.1 is what it would emit. */
function addHorizontalPodAutoscaler(chart: Chart, { pool, deployment }: AutoscalerOptions): void {
  new k8s.KubeHorizontalPodAutoscalerV2(chart, 'hpa', {
    metadata: { name: poolNames(pool.name).autoscaler },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: deployment.name },
      minReplicas: pool.minReplicas,
      maxReplicas: pool.maxReplicas,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: pool.cpuUtilization } },
        },
        ...(pool.slo === undefined ? [] : [latencyMetric(pool.slo.p95Ms)]),
      ],
      behavior: {
        scaleUp: { ...SCALING_BEHAVIOR.scaleUp, policies: [...SCALING_BEHAVIOR.scaleUp.policies] },
        scaleDown: { ...SCALING_BEHAVIOR.scaleDown, policies: [...SCALING_BEHAVIOR.scaleDown.policies] },
      },
    },
  });
}

function latencyMetric(p95Ms: number): k8s.MetricSpecV2 {
  const averageValue = k8s.Quantity.fromString(secondsQuantity(p95Ms));
  return {
    type: 'Pods',
    pods: { metric: { name: RECORDED_METRICS.scalerLatency }, target: { type: 'AverageValue', averageValue } },
  };
}

/** A custom resource, of which the library knows nothing. KEDA makes the HPA itself, under the name ours would have. */
function addScaledObject(chart: Chart, { spec, pool, settings, deployment }: AutoscalerOptions): void {
  new ApiObject(chart, 'scaled-object', {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    // Where the pool had an HPA of ours before, it becomes KEDA's; else KEDA would refuse a pool that already has one.
    metadata: { name: pool.name, annotations: { 'scaledobject.keda.sh/transfer-hpa-ownership': 'true' } },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: deployment.name },
      minReplicaCount: pool.minReplicas,
      maxReplicaCount: pool.maxReplicas,
      pollingInterval: 15,
      advanced: {
        horizontalPodAutoscalerConfig: { name: poolNames(pool.name).autoscaler, behavior: SCALING_BEHAVIOR },
      },
      triggers: [
        { type: 'cpu', metricType: 'Utilization', metadata: { value: String(pool.cpuUtilization) } },
        ...(pool.slo === undefined ? [] : [latencyTrigger(spec, pool, pool.slo.p95Ms, settings)]),
      ],
    },
  });
}

function latencyTrigger(
  spec: Spec,
  pool: SpecPool,
  p95Ms: number,
  { monitoringNamespace }: KubernetesSettings,
): object {
  return {
    type: 'prometheus',
    // The p95 of the whole pool; KEDA's default would divide it by the number of replicas.
    metricType: 'Value',
    metadata: {
      serverAddress: `http://prometheus-operated.${monitoringNamespace}.svc:9090`,
      query: poolP95(spec, pool),
      threshold: seconds(p95Ms),
      // No answer is no reason to scale down: the trigger then fails, and the HPA keeps what it has unless CPU asks for more.
      ignoreNullValues: 'false',
    },
  };
}
