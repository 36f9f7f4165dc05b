import { find, type Manifest } from './synth';

interface PodTemplate {
  readonly metadata: { readonly annotations: Readonly<Record<string, string>> };
  readonly spec: {
    readonly containers: readonly [
      {
        readonly image: string;
        readonly env: readonly { readonly name: string; readonly value: string }[];
        readonly resources: { readonly limits: Readonly<Record<string, unknown>> };
      },
    ];
  };
}

function isDeploymentSpec(spec: unknown): spec is { template: PodTemplate; replicas?: number } {
  return typeof spec === 'object' && spec !== null && 'template' in spec;
}

/** Spec of the Deployment of a pool. */
export function deployment(manifests: readonly Manifest[], pool: string) {
  const { spec } = find(manifests, 'Deployment', pool);
  if (!isDeploymentSpec(spec)) throw new Error(`the Deployment ${pool} has no template`);
  return spec;
}

/** Environment variables of a pool's replicas. */
export function environmentOf(manifests: readonly Manifest[], pool: string): Record<string, string> {
  const { env } = deployment(manifests, pool).template.spec.containers[0];
  return Object.fromEntries(env.map(({ name, value }) => [name, value]));
}
