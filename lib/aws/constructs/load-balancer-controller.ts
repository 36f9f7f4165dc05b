import { Stack } from 'aws-cdk-lib';
import type { ICluster } from 'aws-cdk-lib/aws-eks-v2';
import { Policy, PolicyDocument } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledge, wildcardFinding } from '../findings';
import policy from '../load-balancer-controller.policy.json';
import { PinnedChart } from './pinned-chart';
import { PodIdentity } from './pod-identity';

export interface LoadBalancerControllerProps {
  readonly cluster: ICluster;

  /**
   * Pods of the controller; with one, a rollout waits while its node is replaced.
   * @default 2
   */
  readonly replicas?: number;
}

const NAMESPACE = 'kube-system';
const SERVICE_ACCOUNT = 'aws-load-balancer-controller';

/**
 * Enters pods in target groups that live outside the cluster (TargetGroupBinding) and tells pods when their load
 * balancer knows them (readiness gates). What makes a TargetGroupBinding must depend on it.
 *
 * Its rights are those that the project publishes for this version (kubernetes-sigs/aws-load-balancer-controller
 * v3.5.0, docs/install/iam_policy.json, Apache-2.0).
 */
export class LoadBalancerController extends Construct {
  constructor(scope: Construct, id: string, { cluster, replicas = 2 }: LoadBalancerControllerProps) {
    super(scope, id);
    const identity = new PodIdentity(this, 'identity', {
      cluster,
      namespace: NAMESPACE,
      serviceAccount: SERVICE_ACCOUNT,
    });
    const rights = new Policy(this, 'policy', { document: PolicyDocument.fromJson(policy), roles: [identity.role] });
    for (const resource of wildcards()) {
      const reason = 'as the controller publishes it; it changes only what bears its tag, wherever AWS can tell';
      acknowledge(rights, wildcardFinding(rights, resource), reason);
    }
    const chart = new PinnedChart(this, 'chart', {
      cluster,
      chart: 'aws-load-balancer-controller',
      namespace: NAMESPACE,
      values: {
        clusterName: cluster.clusterName,
        // Both said, because pods cannot ask the metadata service of their node.
        region: Stack.of(this).region,
        vpcId: cluster.vpc.vpcId,
        replicaCount: replicas,
        serviceAccount: { name: SERVICE_ACCOUNT },
        podDisruptionBudget: replicas > 1 ? { maxUnavailable: 1 } : {},
        // It would stand between every Service and the API server, and none of ours asks for a load balancer.
        enableServiceMutatorWebhook: false,
        // A certificate made anew with each deployment is unknown to pods of the controller that still run.
        keepTLSSecret: true,
      },
    });
    chart.node.addDependency(identity, rights);
  }
}

/** Resources of the policy that stand for more than one. */
function wildcards(): string[] {
  const resources = policy.Statement.flatMap(({ Resource }) => Resource);
  return [...new Set(resources)].filter((resource) => resource.includes('*'));
}
