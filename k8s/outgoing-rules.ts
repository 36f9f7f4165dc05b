import type { k8s } from 'cdk8s-plus-27';
import type { Spec } from '../lib/spec/load';
import { CACHE_COMPONENT } from './names';
import { component, namespaceNamed, networks, port } from './network-peers';
import type { KubernetesSettings } from './settings';
import { hasSharedCache, REDIS_PORT } from './shared-cache';

const DNS_PORT = 53;
const HTTPS_PORT = 443;

/** Where the agent of EKS Pod Identity gives pods their credentials, on every node. */
const POD_IDENTITY = { cidr: '169.254.170.23/32', port: 80 } as const;

/** Addresses of the node itself, among them the credentials of the machine: no store of models is there. */
const LINK_LOCAL = '169.254.0.0/16';

/** What replicas are configured to call, and nothing else; empty where they call nobody. */
export function outgoingRules(spec: Spec, settings: KubernetesSettings): k8s.NetworkPolicyEgressRule[] {
  const fetchesModels = settings.modelStore !== undefined || spec.models.some(({ url }) => url !== undefined);
  const signsIn = spec.kubernetes.platform === 'eks' && (fetchesModels || settings.redis?.iam !== undefined);
  const rules = [
    ...redisRules(spec, settings),
    // Buckets and CDNs have addresses all over the Internet; what comes from them is held against its digest.
    ...(fetchesModels
      ? [{ to: [{ ipBlock: { cidr: '0.0.0.0/0', except: [LINK_LOCAL] } }], ports: [port(HTTPS_PORT)] }]
      : []),
    ...(signsIn ? [{ to: networks([POD_IDENTITY.cidr]), ports: [port(POD_IDENTITY.port)] }] : []),
  ];
  // All of them are found by their names.
  return rules.length === 0 ? [] : [...rules, dnsRule()];
}

function redisRules(spec: Spec, settings: KubernetesSettings): k8s.NetworkPolicyEgressRule[] {
  if (hasSharedCache(spec, settings)) {
    return [{ to: [{ podSelector: component(spec, CACHE_COMPONENT) }], ports: [port(REDIS_PORT)] }];
  }
  if (settings.redis === undefined) return [];
  return [{ to: networks(settings.clientCidrs), ports: [port(settings.redis.port ?? REDIS_PORT)] }];
}

function dnsRule(): k8s.NetworkPolicyEgressRule {
  return { to: [namespaceNamed('kube-system')], ports: [port(DNS_PORT, 'UDP'), port(DNS_PORT)] };
}
