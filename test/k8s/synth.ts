import { Testing } from 'cdk8s';
import { addCharts } from '../../k8s/app';
import { DEFAULT_SETTINGS, type KubernetesSettings } from '../../k8s/settings';
import type { WrittenPlan } from '../../lib/plan/written-plan';
import { parseSpec } from '../../lib/spec/load';

/** An object of the Kubernetes API, as far as tests look at all of them. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: unknown;
  readonly data?: Readonly<Record<string, string>>;
}

export const SPEC_FILE = '/checkout/headroom.yaml';

/** The example of the documentation: two pools on CPUs, one on GPUs, one of each on KEDA by choice. */
export const SHOP = `
name: shop
models:
  fraud-detection: {useCase: fraud-detection, path: models/fraud-detection, peakQps: 600, pool: model-server}
  recommendations: {useCase: recommendations, path: models/recommendations, peakQps: 900, pool: recommender}
  image-classification:
    {useCase: image-classification, path: models/image-classification, peakQps: 80, pool: vision}
pools:
  model-server: {}
  recommender: {minReplicas: 3, maxReplicas: 12, cpuUtilization: 60}
  vision: {hardware: gpu, gpu: t4}
kubernetes: {platform: eks}
`;

/** What the charts make of the text of a headroom.yaml. */
export function synth(text: string, settings: Partial<KubernetesSettings> = {}, plan?: WrittenPlan): Manifest[] {
  const charts = addCharts(Testing.app(), parseSpec(text, SPEC_FILE), { ...DEFAULT_SETTINGS, ...settings }, plan);
  return charts.flatMap((chart): Manifest[] => chart.toJson());
}

/** The one object of a kind and name. */
export function find(manifests: readonly Manifest[], kind: string, name: string): Manifest {
  const [found, ...more] = manifests.filter((object) => object.kind === kind && object.metadata.name === name);
  if (found === undefined || more.length > 0) {
    throw new Error(`expected one ${kind} ${name} among ${manifests.map(describe).join(', ')}`);
  }
  return found;
}

function describe({ kind, metadata }: Manifest): string {
  return `${kind} ${metadata.name}`;
}
