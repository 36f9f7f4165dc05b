import type { k8s } from 'cdk8s-plus-27';
import type { Spec } from '../lib/spec/load';
import { usesBuckets } from './batch-settings';
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

/**
 * What pods that run models are configured to call, and nothing else; empty where they call nobody.
 * @param pods those of a batch run may call buckets, but no cache, for they keep no predictions
 */
export function outgoingRules(
  spec: Spec,
  settings: KubernetesSettings,
  pods: 'replicas' | 'batch' = 'replicas',
): k8s.NetworkPolicyEgressRule[] {
  const fetchesModels = settings.modelStore !== undefined || spec.models.some(({ url }) => url !== undefined);
  const featuresPort = settings.featureStore && (settings.featureStore.port ?? HTTPS_PORT);
  const callsBuckets = pods === 'batch' && settings.batch !== undefined && usesBuckets(settings.batch);
  const callsOut = fetchesModels || callsBuckets || featuresPort === HTTPS_PORT;
  const signsInToCache = pods === 'replicas' && settings.redis?.iam !== undefined;
  const signsIn = spec.kubernetes.platform === 'eks' && (callsOut || signsInToCache);
  const rules = [
    ...(pods === 'batch' ? [] : redisRules(spec, settings)),
    ...(featuresPort === undefined || featuresPort === HTTPS_PORT ? [] : [nearby(featuresPort, settings)]),
    // Buckets, CDNs and services of AWS have addresses all over the Internet. Models are held against their digests.
    ...(callsOut
      ? [{ to: [{ ipBlock: { cidr: '0.0.0.0/0', except: [LINK_LOCAL] } }], ports: [port(HTTPS_PORT)] }]
      : []),
    ...(signsIn ? [{ to: networks([POD_IDENTITY.cidr]), ports: [port(POD_IDENTITY.port)] }] : []),
  ];
  // All of them are found by their names.
  return rules.length === 0 ? [] : [...rules, dnsRule()];
}

/** A server in the networks of the cluster, or one of its pods: those need not have addresses of these networks. */
function nearby(portNumber: number, { clientCidrs }: KubernetesSettings): k8s.NetworkPolicyEgressRule {
  return { to: [...networks(clientCidrs), { namespaceSelector: {} }], ports: [port(portNumber)] };
}

function redisRules(spec: Spec, settings: KubernetesSettings): k8s.NetworkPolicyEgressRule[] {
  if (hasSharedCache(spec, settings)) {
    return [{ to: [{ podSelector: component(spec, CACHE_COMPONENT) }], ports: [port(REDIS_PORT)] }];
  }
  if (settings.redis === undefined) return [];
  return [nearby(settings.redis.port ?? REDIS_PORT, settings)];
}

function dnsRule(): k8s.NetworkPolicyEgressRule {
  return { to: [namespaceNamed('kube-system')], ports: [port(DNS_PORT, 'UDP'), port(DNS_PORT)] };
}
