import { Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { PORTS } from '../lib/contract';
import type { Spec } from '../lib/spec/load';
import { CACHE_COMPONENT, COMPONENT_LABEL, INFERENCE_COMPONENT, systemLabels } from './names';
import type { KubernetesSettings } from './settings';
import { REDIS_PORT, sharedCacheUrl } from './shared-cache';

/** Label by which a namespace of clients, such as that of a gateway, is let in; the value is `true`. */
export const CLIENT_LABEL = 'headroom-client';

/** Set by the API server on every namespace. */
const NAMESPACE_NAME_LABEL = 'kubernetes.io/metadata.name';

const DNS_PORT = 53;

/**
 * Who may talk to whom: nobody, then clients to inference, Prometheus to the metrics, and replicas to the cluster's own
 * cache. Replicas call nobody else, so nothing else may leave. Written as the API's own objects: the library's peers
 * cannot combine networks with namespaces.
 */
export class NetworkChart extends Chart {
  constructor(scope: Construct, id: string, spec: Spec, settings: KubernetesSettings) {
    super(scope, id, { namespace: spec.name, labels: systemLabels(spec), disableResourceNameHashes: true });
    this.#policy('default-deny', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
    const replicas = component(spec, INFERENCE_COMPONENT);
    this.#admit('clients-to-inference', replicas, PORTS.http, clients(spec, settings));
    if (settings.monitoring !== 'none') {
      const prometheus = namespaceLabelled(NAMESPACE_NAME_LABEL, settings.monitoringNamespace);
      this.#admit('prometheus-to-metrics', replicas, PORTS.admin, [prometheus]);
    }
    if (sharedCacheUrl(spec) === undefined) return;
    const cache = component(spec, CACHE_COMPONENT);
    this.#admit('inference-to-cache', cache, REDIS_PORT, [{ podSelector: replicas }]);
    this.#policy('inference-egress', {
      podSelector: replicas,
      policyTypes: ['Egress'],
      egress: [
        { to: [{ podSelector: cache }], ports: [port(REDIS_PORT)] },
        // The cache is found by its name.
        {
          to: [namespaceLabelled(NAMESPACE_NAME_LABEL, 'kube-system')],
          ports: [port(DNS_PORT, 'UDP'), port(DNS_PORT)],
        },
      ],
    });
  }

  #admit(name: string, podSelector: k8s.LabelSelector, portNumber: number, from: k8s.NetworkPolicyPeer[]): void {
    this.#policy(name, { podSelector, policyTypes: ['Ingress'], ingress: [{ from, ports: [port(portNumber)] }] });
  }

  #policy(name: string, spec: k8s.NetworkPolicySpec): void {
    new k8s.KubeNetworkPolicy(this, name, { metadata: { name }, spec });
  }
}

function component(spec: Spec, name: string): k8s.LabelSelector {
  return { matchLabels: { ...systemLabels(spec), [COMPONENT_LABEL]: name } };
}

function port(number: number, protocol: 'TCP' | 'UDP' = 'TCP'): k8s.NetworkPolicyPort {
  return { protocol, port: k8s.IntOrString.fromNumber(number) };
}

function clients(spec: Spec, { clientCidrs }: KubernetesSettings): k8s.NetworkPolicyPeer[] {
  const networks = spec.kubernetes.platform === 'eks' ? clientCidrs.map((cidr) => ({ ipBlock: { cidr } })) : [];
  return [...networks, namespaceLabelled(CLIENT_LABEL, 'true')];
}

function namespaceLabelled(label: string, value: string): k8s.NetworkPolicyPeer {
  return { namespaceSelector: { matchLabels: { [label]: value } } };
}
