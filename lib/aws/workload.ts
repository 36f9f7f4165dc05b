import { isObject } from '../spec/describe';
import type { RulesManifest } from './constructs/custom-metrics';
import type { NamedManifest } from './constructs/workload-manifests';

/** What the platform decides of the workload; all strings may be tokens, known only when it is deployed. */
export interface WorkloadSettings {
  /** Reference of the image for nodes without GPU; that for nodes with GPU where there are no others. */
  readonly image: string;
  /** Reference of the image for nodes with GPU. */
  readonly gpuImage?: string;
  /** Networks from which the load balancer and its health checks come. */
  readonly clientCidrs: readonly string[];
  /** ARN of the target group by pool. */
  readonly targetGroupArns: Readonly<Record<string, string>>;
  /** Where each model lies below its name. */
  readonly modelStore: { readonly url: string };
  /** Where features are read. */
  readonly featureStore?: {
    readonly url: string;
    readonly port: number;
    readonly tokenSecret?: { readonly name: string; readonly key: string };
  };
  readonly redis?: {
    readonly url: string;
    readonly port: number;
    readonly iam: { readonly user: string; readonly cacheName: string };
  };
}

/** Makes the manifests of the workload, the namespace first. The platform does not know how: see bin/aws.ts. */
export type MakeManifests = (settings: WorkloadSettings) => readonly NamedManifest[];

/** The rules of the metrics adapter among the manifests, and which of them holds them. */
export interface MetricRules {
  readonly rules: RulesManifest;
  /** Name of the manifest. */
  readonly manifest: string;
}

/**
 * @param name of the ConfigMap
 * @returns undefined where no pool is scaled by custom metrics
 */
export function findMetricRules(manifests: readonly NamedManifest[], name: string): MetricRules | undefined {
  for (const { name: manifest, manifest: objects } of manifests) {
    for (const rules of objects) if (isConfigMap(rules) && rules.metadata.name === name) return { rules, manifest };
  }
  return undefined;
}

function isConfigMap(object: unknown): object is RulesManifest {
  return isObject(object) && object.kind === 'ConfigMap' && isObject(object.metadata) && isObject(object.data);
}
