import { Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { PORTS } from '../lib/contract';
import type { Spec } from '../lib/spec/load';
import { systemLabels } from './names';
import type { KubernetesSettings } from './settings';

/** Label by which a namespace of clients, such as that of a gateway, is let in; the value is `true`. */
export const CLIENT_LABEL = 'headroom-client';

/** Set by the API server on every namespace. */
const NAMESPACE_NAME_LABEL = 'kubernetes.io/metadata.name';

/**
 * Who may talk to whom: nobody, then clients to inference and Prometheus to the metrics. The replicas call nobody, so
 * nothing may leave. Written as the API's own objects: the library's peers cannot combine networks with namespaces.
 */
export class NetworkChart extends Chart {
  constructor(scope: Construct, id: string, spec: Spec, settings: KubernetesSettings) {
    super(scope, id, { namespace: spec.name, labels: systemLabels(spec), disableResourceNameHashes: true });
    new k8s.KubeNetworkPolicy(this, 'default-deny', {
      metadata: { name: 'default-deny' },
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
    });
    this.#admit('clients-to-inference', spec, PORTS.http, clients(spec, settings));
    if (settings.monitoring === 'none') return;
    const prometheus = namespaceLabelled(NAMESPACE_NAME_LABEL, settings.monitoringNamespace);
    this.#admit('prometheus-to-metrics', spec, PORTS.admin, [prometheus]);
  }

  #admit(name: string, spec: Spec, port: number, from: k8s.NetworkPolicyPeer[]): void {
    new k8s.KubeNetworkPolicy(this, name, {
      metadata: { name },
      spec: {
        podSelector: { matchLabels: { ...systemLabels(spec), 'app.kubernetes.io/component': 'inference' } },
        policyTypes: ['Ingress'],
        ingress: [{ from, ports: [{ protocol: 'TCP', port: k8s.IntOrString.fromNumber(port) }] }],
      },
    });
  }
}

function clients(spec: Spec, { clientCidrs }: KubernetesSettings): k8s.NetworkPolicyPeer[] {
  const networks = spec.kubernetes.platform === 'eks' ? clientCidrs.map((cidr) => ({ ipBlock: { cidr } })) : [];
  return [...networks, namespaceLabelled(CLIENT_LABEL, 'true')];
}

function namespaceLabelled(label: string, value: string): k8s.NetworkPolicyPeer {
  return { namespaceSelector: { matchLabels: { [label]: value } } };
}
