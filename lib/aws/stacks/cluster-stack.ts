import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import type { Cluster } from 'aws-cdk-lib/aws-eks-v2';
import type { Construct } from 'constructs';
import type { AwsSpec } from '../checks';
import { ClusterMetrics } from '../constructs/cluster-metrics';
import { CpuNodes } from '../constructs/cpu-nodes';
import { GpuDevicePlugin } from '../constructs/gpu-device-plugin';
import { GpuNodes } from '../constructs/gpu-nodes';
import { InferenceCluster } from '../constructs/inference-cluster';
import { Keda } from '../constructs/keda';
import { LoadBalancerController } from '../constructs/load-balancer-controller';
import { NodeAutoscaling } from '../constructs/node-autoscaling';
import { acknowledge } from '../findings';
import { cpuNodes, gpuNodes } from '../node-sizes';
import { type PlatformRegion, PlatformStack } from './platform-stack';

export interface ClusterStackProps extends PlatformRegion {
  readonly vpc: IVpc;
}

/** Where replicas run, and what must be there before them and stay until after them. */
export class ClusterStack extends PlatformStack {
  readonly cluster: Cluster;
  /** Where Prometheus answers within the cluster. */
  readonly prometheusUrl: string;

  constructor(scope: Construct, { vpc, ...place }: ClusterStackProps) {
    super(scope, 'cluster', place, 'EKS, its nodes and controllers');
    const { spec } = place;
    const { systemNodes } = this.design;
    this.cluster = new InferenceCluster(this, 'cluster', {
      vpc,
      clusterName: spec.name,
      systemNodes,
      removalPolicy: this.removalPolicy,
    }).cluster;
    this.#addNodes(spec);
    const replicas = Math.min(2, systemNodes);
    this.#addControllers(spec, replicas);
    this.prometheusUrl = new ClusterMetrics(this, 'metrics', { cluster: this.cluster, replicas }).prometheusUrl;
    acknowledge(this, 'CloudFormation-Validate::W9009', 'CDK still writes the older of two equal forms');
    acknowledge(
      this,
      'CloudFormation-Validate::W8001',
      'of a right that this cluster takes from its kubectl functions',
    );
  }

  #addNodes(spec: AwsSpec): void {
    const { cluster } = this;
    const cpu = cpuNodes(spec);
    if (cpu !== undefined) {
      const { instanceType, minNodes, maxNodes } = cpu;
      new CpuNodes(this, 'cpu-nodes', { cluster, instanceTypes: [instanceType], minNodes, maxNodes });
    }
    for (const { gpu, maxNodes } of gpuNodes(spec)) new GpuNodes(this, `${gpu}-nodes`, { cluster, gpu, maxNodes });
  }

  #addControllers({ pools }: AwsSpec, replicas: number): void {
    const { cluster } = this;
    new LoadBalancerController(this, 'load-balancer-controller', { cluster, replicas });
    new NodeAutoscaling(this, 'node-autoscaling', { cluster });
    if (pools.some(({ gpu }) => gpu !== undefined)) new GpuDevicePlugin(this, 'gpu-device-plugin', { cluster });
    if (pools.some(({ scaler }) => scaler === 'keda')) new Keda(this, 'keda', { cluster, replicas });
  }
}
