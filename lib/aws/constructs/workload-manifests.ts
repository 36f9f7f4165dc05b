import { Stack } from 'aws-cdk-lib';
import { type ICluster, KubernetesManifest } from 'aws-cdk-lib/aws-eks-v2';
import { Construct } from 'constructs';
import { PropsError } from '../errors';

/** Objects of Kubernetes that are applied together, such as those of a cdk8s chart: `{name: chart.node.id, manifest: chart.toJson()}`. */
export interface NamedManifest {
  /** Unique among those applied. */
  readonly name: string;
  /** Objects in the order in which they are made; strings in them may be tokens of CDK. */
  readonly manifest: readonly object[];
}

export interface WorkloadManifestsProps {
  readonly cluster: ICluster;

  /** In the order in which they need each other: first the namespace. */
  readonly manifests: readonly NamedManifest[];
}

/** A custom resource gets its properties in one event, which AWS limits to 256 KiB; some of it is not ours. */
const MAX_MANIFEST_BYTES = 240 * 1024;

/**
 * Applies manifests to a cluster, one after the other, and deletes them in reverse. They belong to the stack of this
 * construct, which therefore depends on that of the cluster and not the other way round. What they need, resource
 * types above all, must be there before: `manifests.node.addDependency(controller)`.
 */
export class WorkloadManifests extends Construct {
  /** By the name of the manifest, for what must come between or after. */
  readonly applied: Readonly<Record<string, KubernetesManifest>>;

  /** @throws PropsError for a name that stands twice, or a manifest too large to be applied */
  constructor(scope: Construct, id: string, { cluster, manifests }: WorkloadManifestsProps) {
    super(scope, id);
    const applied: Record<string, KubernetesManifest> = {};
    let previous: KubernetesManifest | undefined;
    for (const { name, manifest } of manifests) {
      if (applied[name]) throw new PropsError('WorkloadManifests.manifests', `${name} twice`, 'each name once');
      this.#checkSize(name, manifest);
      const resource = new KubernetesManifest(this, name, {
        cluster,
        // CDK adds a label to each object.
        manifest: structuredClone([...manifest]),
        // A deployment that failed half-way is taken up where it stopped.
        overwrite: true,
      });
      if (previous) resource.node.addDependency(previous);
      applied[name] = resource;
      previous = resource;
    }
    this.applied = applied;
  }

  #checkSize(name: string, manifest: readonly object[]): void {
    const text = JSON.stringify(Stack.of(this).resolve(manifest));
    const bytes = Buffer.byteLength(text);
    if (bytes <= MAX_MANIFEST_BYTES) return;
    const allowed = `at most ${MAX_MANIFEST_BYTES} bytes, which a custom resource takes`;
    throw new PropsError('WorkloadManifests.manifests', `${name} of ${bytes} bytes`, allowed);
  }
}
