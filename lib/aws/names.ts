import type { Spec } from '../spec/load';

/** What the platform is made of, one stack each, in the order in which they are deployed. */
export const STACK_KINDS = [
  'alarms',
  'network',
  'data',
  'delivery',
  'cluster',
  'edge',
  'front-door',
  'workload',
  'observability',
] as const;

export type StackKind = (typeof STACK_KINDS)[number];

/** Name of a stack, as `npx cdk deploy NAME` takes it; those of further regions end in their region. */
export function stackName(spec: Spec, kind: StackKind, region: string): string {
  const name = `${spec.name}-${kind}`;
  return region === spec.aws?.region ? name : `${name}-${region}`;
}

/** Tag of everything that belongs to a system; its value is the name of the spec. */
export const SYSTEM_TAG = 'headroom:system';
