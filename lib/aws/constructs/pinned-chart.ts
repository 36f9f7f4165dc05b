import { Duration } from 'aws-cdk-lib';
import { HelmChart, type ICluster } from 'aws-cdk-lib/aws-eks-v2';
import type { Construct } from 'constructs';

/**
 * Helm charts by name, each with where it comes from and the version that was read when its values were written here.
 * The images come from where the charts say: registry.k8s.io, quay.io, public.ecr.aws, nvcr.io and ghcr.io.
 */
export const CHARTS = {
  'aws-load-balancer-controller': { repository: 'https://aws.github.io/eks-charts', version: '3.5.0' },
  'cluster-autoscaler': { repository: 'https://kubernetes.github.io/autoscaler', version: '9.59.0' },
  keda: { repository: 'https://kedacore.github.io/charts', version: '2.20.2' },
  'kube-prometheus-stack': {
    repository: 'https://prometheus-community.github.io/helm-charts',
    version: '88.5.3',
  },
  'nvidia-device-plugin': { repository: 'https://nvidia.github.io/k8s-device-plugin', version: '0.20.0' },
  'prometheus-adapter': { repository: 'https://prometheus-community.github.io/helm-charts', version: '5.3.0' },
} as const;

export interface PinnedChartProps {
  readonly cluster: ICluster;
  readonly chart: keyof typeof CHARTS;
  /** Made if it does not exist. */
  readonly namespace: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** Below the 15 minutes after which the function that runs helm is stopped, so that helm itself says what is not ready. */
const TIMEOUT = Duration.minutes(12);

/** A chart of the table, deployed once all that it made is ready: what needs its resource types can depend on it. */
export class PinnedChart extends HelmChart {
  constructor(scope: Construct, id: string, { cluster, chart, namespace, values }: PinnedChartProps) {
    const { repository, version } = CHARTS[chart];
    super(scope, id, {
      cluster,
      chart,
      release: chart,
      repository,
      version,
      namespace,
      values: { ...values },
      wait: true,
      timeout: TIMEOUT,
    });
  }
}
