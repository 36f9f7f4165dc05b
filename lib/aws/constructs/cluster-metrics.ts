import { Stack } from 'aws-cdk-lib';
import type { ICluster } from 'aws-cdk-lib/aws-eks-v2';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { acknowledge } from '../findings';
import { PinnedChart } from './pinned-chart';
import { PodIdentity } from './pod-identity';

export interface ClusterMetricsProps {
  readonly cluster: ICluster;

  /**
   * Namespace of all that watches.
   * @default 'monitoring'
   */
  readonly namespace?: string;

  /**
   * Copies of Prometheus that each measure all; with one, the autoscaler is blind while its node is replaced.
   * @default 2
   */
  readonly replicas?: number;

  /**
   * Who hears of the alerts of the workload, in the same region.
   * @default nobody: alerts are seen in Prometheus only
   */
  readonly alertTopic?: ITopic;
}

/** The scaler looks minutes back, and what is older than hours belongs in CloudWatch: nothing is kept on disks. */
const RETENTION = '6h';

const ALERTMANAGER_ACCOUNT = 'alertmanager';

/**
 * Prometheus with its operator: measures what PodMonitors name, records and alerts what PrometheusRules say, whatever
 * namespace they are in. What makes those must depend on it.
 */
export class ClusterMetrics extends Construct {
  /** Where Prometheus answers within the cluster, a name that its operator gives. */
  readonly prometheusUrl: string;

  constructor(scope: Construct, id: string, props: ClusterMetricsProps) {
    super(scope, id);
    const { cluster, namespace = 'monitoring', replicas = 2, alertTopic } = props;
    this.prometheusUrl = `http://prometheus-operated.${namespace}.svc`;
    const chart = new PinnedChart(this, 'chart', {
      cluster,
      chart: 'kube-prometheus-stack',
      namespace,
      values: {
        prometheus: { prometheusSpec: prometheus(replicas) },
        alertmanager: alertTopic ? alertmanager(this, alertTopic) : { enabled: false },
        prometheusOperator: { admissionWebhooks: { enabled: false }, tls: { enabled: false } },
        // Dashboards are in CloudWatch; EKS hides its control plane, and nodes are CloudWatch's.
        grafana: { enabled: false },
        nodeExporter: { enabled: false },
        kubernetesServiceMonitors: { enabled: false },
        defaultRules: { create: false },
      },
    });
    if (alertTopic === undefined) return;
    const identity = new PodIdentity(this, 'alertmanager-identity', {
      cluster,
      namespace,
      serviceAccount: ALERTMANAGER_ACCOUNT,
    });
    alertTopic.grantPublish(identity);
    const reason = 'both actions of that name make a key for one message, of the one key of the topic';
    acknowledge(identity, 'AwsSolutions-IAM5[Action::kms:GenerateDataKey*]', reason);
    chart.node.addDependency(identity);
  }
}

function prometheus(replicas: number): object {
  return {
    replicas,
    retention: RETENTION,
    scrapeInterval: '15s',
    evaluationInterval: '15s',
    resources: { requests: { cpu: '250m', memory: '1Gi' }, limits: { memory: '2Gi' } },
    // By default only objects with a label of this release are seen, and those of the workload have none.
    podMonitorSelectorNilUsesHelmValues: false,
    serviceMonitorSelectorNilUsesHelmValues: false,
    ruleSelectorNilUsesHelmValues: false,
  };
}

function alertmanager(scope: Construct, topic: ITopic): object {
  const sns = { topic_arn: topic.topicArn, sigv4: { region: Stack.of(scope).region }, send_resolved: true };
  return {
    enabled: true,
    serviceAccount: { create: true, name: ALERTMANAGER_ACCOUNT },
    config: {
      route: { receiver: 'topic', group_by: ['alertname', 'pool'], routes: [] },
      receivers: [{ name: 'topic', sns_configs: [sns] }],
    },
  };
}
