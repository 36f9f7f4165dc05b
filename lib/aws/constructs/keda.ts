import type { ICluster } from 'aws-cdk-lib/aws-eks-v2';
import type { Construct } from 'constructs';
import { PinnedChart } from './pinned-chart';

export interface KedaProps {
  readonly cluster: ICluster;

  /**
   * Pods of the operator and of its metrics server; with one each, scaling pauses while their node is replaced.
   * @default 2
   */
  readonly replicas?: number;
}

/** Scales what ScaledObjects name. It provides external metrics, so it goes together with {@link CustomMetrics}. */
export class Keda extends PinnedChart {
  constructor(scope: Construct, id: string, { cluster, replicas = 2 }: KedaProps) {
    super(scope, id, {
      cluster,
      chart: 'keda',
      namespace: 'keda',
      values: {
        operator: { replicaCount: replicas },
        metricsServer: { replicaCount: replicas },
      },
    });
  }
}
