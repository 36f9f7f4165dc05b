import { App } from 'cdk8s';
import type { WrittenPlan } from '../lib/plan/written-plan';
import type { Spec } from '../lib/spec/load';
import { addCharts } from './app';
import { DEFAULT_SETTINGS, type KubernetesSettings } from './settings';

/**
 * The charts as plain objects by their names, the namespace first, for a platform that applies them itself.
 *
 * @param settings what the platform decides; strings may be tokens of CDK
 * @param plan as headroom plan --write left it
 * @throws DocumentError for what Kubernetes cannot name or the image does not carry, with the line of the spec
 */
export function manifestsOf(spec: Spec, settings: Partial<KubernetesSettings>, plan?: WrittenPlan) {
  const charts = addCharts(new App(), spec, { ...DEFAULT_SETTINGS, ...settings }, plan);
  return charts.map((chart) => ({ name: chart.node.id, manifest: chart.toJson() }));
}
