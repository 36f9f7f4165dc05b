import { createHash } from 'node:crypto';
import type { ICluster } from 'aws-cdk-lib/aws-eks-v2';
import type { Construct } from 'constructs';
import { PropsError } from '../errors';
import { PinnedChart } from './pinned-chart';

/** A ConfigMap as it stands in a manifest. */
export interface RulesManifest {
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly data: Readonly<Record<string, string>>;
}

export interface CustomMetricsProps {
  readonly cluster: ICluster;

  /** Where Prometheus answers within the cluster, as http://prometheus-operated.monitoring.svc. */
  readonly prometheusUrl: string;

  /**
   * The ConfigMap with the rules of the adapter, as it is applied before this is deployed; its key is config.yaml. The
   * adapter runs in its namespace.
   */
  readonly rules: RulesManifest;

  /**
   * Pods of the adapter; while none runs, the autoscaler keeps what there is.
   * @default 2
   */
  readonly replicas?: number;
}

const PROMETHEUS_PORT = 9090;

/**
 * Serves what Prometheus recorded as custom metrics of Kubernetes, which a HorizontalPodAutoscaler asks for
 * (prometheus-adapter). A cluster has one provider of custom metrics.
 */
export class CustomMetrics extends PinnedChart {
  /** @throws PropsError for rules that the adapter could not read */
  constructor(scope: Construct, id: string, props: CustomMetricsProps) {
    const { cluster, prometheusUrl, rules, replicas = 2 } = props;
    if (rules.data['config.yaml'] === undefined) {
      const found = Object.keys(rules.data).join(', ');
      throw new PropsError('CustomMetrics.rules', found, 'a ConfigMap with the key config.yaml');
    }
    super(scope, id, {
      cluster,
      chart: 'prometheus-adapter',
      namespace: rules.metadata.namespace ?? 'default',
      values: {
        replicas,
        podDisruptionBudget: { enabled: replicas > 1, maxUnavailable: 1 },
        prometheus: { url: prometheusUrl, port: PROMETHEUS_PORT },
        // The chart registers custom metrics only where its default rules are on; an existing ConfigMap replaces them.
        rules: { default: true, existing: rules.metadata.name },
        // It reads its rules when it starts: other rules are other pods.
        podAnnotations: { 'headroom/rules': digest(rules) },
        resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '512Mi' } },
      },
    });
  }
}

function digest({ data }: RulesManifest): string {
  return createHash('sha256').update(JSON.stringify(data)).digest('hex').slice(0, 16);
}
