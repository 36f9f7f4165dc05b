import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import type { Cluster } from 'aws-cdk-lib/aws-eks-v2';
import type { Construct } from 'constructs';
import { CpuNodes } from '../constructs/cpu-nodes';
import { GpuNodes } from '../constructs/gpu-nodes';
import { InferenceCluster } from '../constructs/inference-cluster';
import { acknowledge } from '../findings';
import { cpuNodes, gpuNodes } from '../node-sizes';
import { type PlatformRegion, PlatformStack } from './platform-stack';

export interface ClusterStackProps extends PlatformRegion {
  readonly vpc: IVpc;
}

/** Where replicas run. */
export class ClusterStack extends PlatformStack {
  readonly cluster: Cluster;

  constructor(scope: Construct, { vpc, ...place }: ClusterStackProps) {
    super(scope, 'cluster', place, 'EKS and its nodes');
    const { spec } = place;
    const { cluster } = new InferenceCluster(this, 'cluster', {
      vpc,
      clusterName: spec.name,
      systemNodes: this.design.systemNodes,
      removalPolicy: this.removalPolicy,
    });
    const cpu = cpuNodes(spec);
    if (cpu !== undefined) {
      const { instanceType, minNodes, maxNodes } = cpu;
      new CpuNodes(this, 'cpu-nodes', { cluster, instanceTypes: [instanceType], minNodes, maxNodes });
    }
    for (const { gpu, maxNodes } of gpuNodes(spec)) new GpuNodes(this, `${gpu}-nodes`, { cluster, gpu, maxNodes });
    this.cluster = cluster;
    acknowledge(this, 'CloudFormation-Validate::W9009', 'CDK still writes the older of two equal forms');
    acknowledge(
      this,
      'CloudFormation-Validate::W8001',
      'of a right that this cluster takes from its kubectl functions',
    );
  }
}
