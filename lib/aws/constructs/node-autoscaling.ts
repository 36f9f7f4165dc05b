import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { ICluster } from 'aws-cdk-lib/aws-eks-v2';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledge, wildcardFinding } from '../findings';
import { PinnedChart } from './pinned-chart';
import { PodIdentity } from './pod-identity';

export interface NodeAutoscalingProps {
  readonly cluster: ICluster;

  /**
   * Seconds that a node must have been unneeded before it goes.
   * @default 600
   */
  readonly scaleDownAfterSeconds?: number;
}

const NAMESPACE = 'kube-system';
const SERVICE_ACCOUNT = 'cluster-autoscaler';
/** The chart's own is one minor version behind the cluster's scheduler, whose decisions it must foresee. */
const IMAGE_TAG = 'v1.36.1';

/**
 * Adds nodes to the groups of a cluster when pods find no room, and takes them away when they are unneeded
 * (cluster-autoscaler, see docs/decisions/0009-cluster-autoscaler.md). It finds the managed node groups of its cluster
 * by the tags that EKS gives them, and learns what a node of an empty group would have from EKS and EC2.
 */
export class NodeAutoscaling extends Construct {
  constructor(scope: Construct, id: string, { cluster, scaleDownAfterSeconds = 600 }: NodeAutoscalingProps) {
    super(scope, id);
    const identity = new PodIdentity(this, 'identity', {
      cluster,
      namespace: NAMESPACE,
      serviceAccount: SERVICE_ACCOUNT,
    });
    allow(identity, cluster);
    const chart = new PinnedChart(this, 'chart', {
      cluster,
      chart: 'cluster-autoscaler',
      namespace: NAMESPACE,
      values: {
        fullnameOverride: 'cluster-autoscaler',
        image: { tag: IMAGE_TAG },
        // Said, because pods cannot ask the metadata service of their node.
        awsRegion: Stack.of(this).region,
        autoDiscovery: { clusterName: cluster.clusterName },
        rbac: { serviceAccount: { name: SERVICE_ACCOUNT } },
        resources: { requests: { cpu: '100m', memory: '300Mi' }, limits: { memory: '600Mi' } },
        extraArgs: {
          expander: 'least-waste',
          'scale-down-unneeded-time': `${scaleDownAfterSeconds}s`,
          'ignore-daemonsets-utilization': true,
          // Every replica has scratch space; by default no node with such a pod would ever go.
          'skip-nodes-with-local-storage': false,
          // Nor one on which DNS happens to run; it has a disruption budget.
          'skip-nodes-with-system-pods': false,
        },
      },
    });
    chart.node.addDependency(identity);
  }
}

/** Source of the list: cluster-autoscaler/cloudprovider/aws/README.md of kubernetes/autoscaler. */
function allow({ role }: PodIdentity, cluster: ICluster): void {
  const stack = Stack.of(role);
  role.addToPolicy(
    new PolicyStatement({
      actions: [
        'autoscaling:DescribeAutoScalingGroups',
        'autoscaling:DescribeAutoScalingInstances',
        'autoscaling:DescribeLaunchConfigurations',
        'autoscaling:DescribeScalingActivities',
        'ec2:DescribeImages',
        'ec2:DescribeInstanceTypes',
        'ec2:DescribeLaunchTemplateVersions',
        'ec2:GetInstanceTypesFromInstanceRequirements',
      ],
      resources: ['*'],
    }),
  );
  const groups = stack.formatArn({
    service: 'autoscaling',
    resource: 'autoScalingGroup:*:autoScalingGroupName',
    resourceName: 'eks-*',
  });
  role.addToPolicy(
    new PolicyStatement({
      actions: ['autoscaling:SetDesiredCapacity', 'autoscaling:TerminateInstanceInAutoScalingGroup'],
      resources: [groups],
      conditions: { StringEquals: { 'aws:ResourceTag/eks:cluster-name': cluster.clusterName } },
    }),
  );
  const nodeGroups = stack.formatArn({
    service: 'eks',
    resource: 'nodegroup',
    resourceName: `${cluster.clusterName}/*`,
    arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
  });
  role.addToPolicy(new PolicyStatement({ actions: ['eks:DescribeNodegroup'], resources: [nodeGroups] }));
  acknowledge(role, wildcardFinding(role, '*'), 'it only reads, and these actions take no other resource');
  acknowledge(
    role,
    wildcardFinding(role, groups),
    'EKS names the groups; a condition keeps it to those of this cluster',
  );
  acknowledge(role, wildcardFinding(role, nodeGroups), 'it only reads, and the groups of its cluster change');
}
