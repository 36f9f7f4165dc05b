import { Chart } from 'cdk8s';
import { k8s, Namespace } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { SERVICE_ACCOUNT } from '../lib/contract';
import type { Spec } from '../lib/spec/load';
import { systemLabels } from './names';

/**
 * The namespace of a system, in which the API server refuses every pod that is not locked down, and the identity that its
 * pods have.
 */
export class NamespaceChart extends Chart {
  constructor(scope: Construct, id: string, spec: Spec) {
    super(scope, id, { labels: systemLabels(spec), disableResourceNameHashes: true });
    const security = ['enforce', 'audit', 'warn'].map((mode) => [`pod-security.kubernetes.io/${mode}`, 'restricted']);
    // Without the gate a rollout takes old replicas away before the load balancer knows the new ones.
    const gate = spec.kubernetes.platform === 'eks' ? { 'elbv2.k8s.aws/pod-readiness-gate-inject': 'enabled' } : {};
    new Namespace(this, 'namespace', {
      metadata: { name: spec.name, labels: { ...Object.fromEntries(security), ...gate } },
    });
    new k8s.KubeServiceAccount(this, 'service-account', {
      metadata: { name: SERVICE_ACCOUNT, namespace: spec.name },
      // No pod calls the cluster's API. What a cloud gives its pods to sign in with is a token apart, which its own
      // webhook adds: pod identity and IRSA on EKS, workload identity elsewhere.
      automountServiceAccountToken: false,
    });
  }
}
