import { k8s } from 'cdk8s-plus-27';
import type { Spec } from '../lib/spec/load';
import { COMPONENT_LABEL, systemLabels } from './names';

/** Set by the API server on every namespace. */
const NAMESPACE_NAME_LABEL = 'kubernetes.io/metadata.name';

/** Pods of one component of a system. */
export function component(spec: Spec, name: string): k8s.LabelSelector {
  return { matchLabels: { ...systemLabels(spec), [COMPONENT_LABEL]: name } };
}

export function port(number: number, protocol: 'TCP' | 'UDP' = 'TCP'): k8s.NetworkPolicyPort {
  return { protocol, port: k8s.IntOrString.fromNumber(number) };
}

export function networks(cidrs: readonly string[]): k8s.NetworkPolicyPeer[] {
  return cidrs.map((cidr) => ({ ipBlock: { cidr } }));
}

export function namespaceNamed(name: string): k8s.NetworkPolicyPeer {
  return namespaceWith(NAMESPACE_NAME_LABEL, name);
}

export function namespaceWith(label: string, value: string): k8s.NetworkPolicyPeer {
  return { namespaceSelector: { matchLabels: { [label]: value } } };
}
