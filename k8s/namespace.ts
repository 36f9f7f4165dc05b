import { Chart } from 'cdk8s';
import { Namespace } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import type { Spec } from '../lib/spec/load';
import { systemLabels } from './names';

/** The namespace of a system, in which the API server refuses every pod that is not locked down. */
export class NamespaceChart extends Chart {
  constructor(scope: Construct, id: string, spec: Spec) {
    super(scope, id, { labels: systemLabels(spec), disableResourceNameHashes: true });
    const security = ['enforce', 'audit', 'warn'].map((mode) => [`pod-security.kubernetes.io/${mode}`, 'restricted']);
    // Without the gate a rollout takes old replicas away before the load balancer knows the new ones.
    const gate = spec.kubernetes.platform === 'eks' ? { 'elbv2.k8s.aws/pod-readiness-gate-inject': 'enabled' } : {};
    new Namespace(this, 'namespace', {
      metadata: { name: spec.name, labels: { ...Object.fromEntries(security), ...gate } },
    });
  }
}
