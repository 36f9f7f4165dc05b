import { Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { PORTS } from '../lib/contract';
import type { Spec } from '../lib/spec/load';
import { BATCH_COMPONENT, CACHE_COMPONENT, INFERENCE_COMPONENT, systemLabels } from './names';
import { component, namespaceNamed, namespaceWith, networks, port } from './network-peers';
import { outgoingRules } from './outgoing-rules';
import type { KubernetesSettings } from './settings';
import { hasSharedCache, REDIS_PORT } from './shared-cache';

/** Label by which a namespace of clients, such as that of a gateway, is let in; the value is `true`. */
export const CLIENT_LABEL = 'headroom-client';

/**
 * Who may talk to whom: nobody, then clients to inference, Prometheus to the metrics, and replicas to what they are
 * configured to call. Written as the API's own objects: the library's peers cannot combine networks with namespaces.
 */
export class NetworkChart extends Chart {
  constructor(scope: Construct, id: string, spec: Spec, settings: KubernetesSettings) {
    super(scope, id, { namespace: spec.name, labels: systemLabels(spec), disableResourceNameHashes: true });
    this.#policy('default-deny', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
    const replicas = component(spec, INFERENCE_COMPONENT);
    this.#admit('clients-to-inference', replicas, PORTS.http, clients(spec, settings));
    if (settings.monitoring !== 'none') {
      this.#admit('prometheus-to-metrics', replicas, PORTS.admin, [namespaceNamed(settings.monitoringNamespace)]);
    }
    if (hasSharedCache(spec, settings)) {
      this.#admit('inference-to-cache', component(spec, CACHE_COMPONENT), REDIS_PORT, [{ podSelector: replicas }]);
    }
    this.#release('inference-egress', replicas, outgoingRules(spec, settings));
    if (settings.batch !== undefined) {
      this.#release('batch-egress', component(spec, BATCH_COMPONENT), outgoingRules(spec, settings, 'batch'));
    }
  }

  #admit(name: string, podSelector: k8s.LabelSelector, portNumber: number, from: k8s.NetworkPolicyPeer[]): void {
    this.#policy(name, { podSelector, policyTypes: ['Ingress'], ingress: [{ from, ports: [port(portNumber)] }] });
  }

  #release(name: string, podSelector: k8s.LabelSelector, egress: k8s.NetworkPolicyEgressRule[]): void {
    if (egress.length > 0) this.#policy(name, { podSelector, policyTypes: ['Egress'], egress });
  }

  #policy(name: string, spec: k8s.NetworkPolicySpec): void {
    new k8s.KubeNetworkPolicy(this, name, { metadata: { name }, spec });
  }
}

function clients(spec: Spec, { clientCidrs }: KubernetesSettings): k8s.NetworkPolicyPeer[] {
  return [...(spec.kubernetes.platform === 'eks' ? networks(clientCidrs) : []), namespaceWith(CLIENT_LABEL, 'true')];
}
