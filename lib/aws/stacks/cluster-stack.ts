import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import type { Cluster } from 'aws-cdk-lib/aws-eks-v2';
import { Role } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { WrittenPlan } from '../../plan/written-plan';
import type { AwsSpec } from '../checks';
import { ClusterMetrics } from '../constructs/cluster-metrics';
import { CpuNodes } from '../constructs/cpu-nodes';
import { GpuDevicePlugin } from '../constructs/gpu-device-plugin';
import { GpuNodes } from '../constructs/gpu-nodes';
import { InferenceCluster } from '../constructs/inference-cluster';
import { Keda } from '../constructs/keda';
import { LoadBalancerController } from '../constructs/load-balancer-controller';
import { NodeAutoscaling } from '../constructs/node-autoscaling';
import { nodeGroups } from '../node-sizes';
import { type PlatformRegion, PlatformStack } from './platform-stack';

export interface ClusterStackProps extends PlatformRegion {
  readonly vpc: IVpc;
  readonly plan: WrittenPlan | undefined;
  /** Who hears of the alerts of Prometheus. */
  readonly alertTopic: ITopic;
}

/** Where replicas run, and what must be there before them and stay until after them. */
export class ClusterStack extends PlatformStack {
  readonly cluster: Cluster;
  /** Where Prometheus answers within the cluster. */
  readonly prometheusUrl: string;

  constructor(scope: Construct, { vpc, plan, alertTopic, ...place }: ClusterStackProps) {
    super(scope, 'cluster', place, 'EKS, its nodes and controllers');
    const { spec } = place;
    const { systemNodes } = this.design;
    const { administrators, publicAccessCidrs } = spec.aws.cluster;
    this.cluster = new InferenceCluster(this, 'cluster', {
      vpc,
      clusterName: spec.name,
      administrators: administrators.map((arn, index) => Role.fromRoleArn(this, `administrator-${index}`, arn)),
      publicAccessCidrs,
      systemNodes,
      removalPolicy: this.removalPolicy,
    }).cluster;
    this.#addNodes(spec, plan);
    const replicas = Math.min(2, systemNodes);
    this.#addControllers(spec, replicas);
    const { cluster } = this;
    this.prometheusUrl = new ClusterMetrics(this, 'metrics', { cluster, replicas, alertTopic }).prometheusUrl;
  }

  #addNodes(spec: AwsSpec, plan: WrittenPlan | undefined): void {
    const { cluster } = this;
    for (const { name, gpu, capacity, ...group } of nodeGroups(spec, plan)) {
      const id = `${name}-nodes`;
      if (gpu === undefined) new CpuNodes(this, id, { cluster, ...group });
      else new GpuNodes(this, id, { cluster, gpu, capacity, ...group });
    }
  }

  #addControllers({ pools }: AwsSpec, replicas: number): void {
    const { cluster } = this;
    new LoadBalancerController(this, 'load-balancer-controller', { cluster, replicas });
    new NodeAutoscaling(this, 'node-autoscaling', { cluster });
    if (pools.some(({ gpu }) => gpu !== undefined)) new GpuDevicePlugin(this, 'gpu-device-plugin', { cluster });
    if (pools.some(({ scaler }) => scaler === 'keda')) new Keda(this, 'keda', { cluster, replicas });
  }
}
