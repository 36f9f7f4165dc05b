import type { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { sizeOf, type WrittenPlan, withPlan } from '../lib/plan/written-plan';
import type { Spec } from '../lib/spec/load';
import { BatchChart } from './batch-job';
import type { BatchSettings } from './batch-settings';
import { SettingsError } from './errors';
import { MonitoringChart } from './monitoring/chart';
import { checkNames } from './names';
import { NamespaceChart } from './namespace';
import { NetworkChart } from './network';
import { PoolChart } from './pool';
import type { KubernetesSettings } from './settings';
import { hasSharedCache, SharedCacheChart } from './shared-cache';

/**
 * All that a system needs on Kubernetes, one chart a concern, each after those it depends on.
 *
 * @param scope the cdk8s App; settings are plain values or, within CDK, its tokens
 * @param asked as the spec has it; a plan changes its pools
 * @param plan sizes, limits and thresholds as measured; without it they are those of the spec and stated assumptions
 * @throws SettingsError for a target group of a pool, or a batch run of a model, that the spec does not have
 * @throws DocumentError for what Kubernetes cannot name or the image does not carry, with the line of the spec
 */
export function addCharts(scope: Construct, asked: Spec, settings: KubernetesSettings, plan?: WrittenPlan): Chart[] {
  const spec = { ...asked, pools: asked.pools.map((pool) => withPlan(pool, plan)) };
  checkNames(spec);
  checkTargetGroups(spec, settings);
  const { batch, monitoring } = settings;
  const namespace = new NamespaceChart(scope, 'namespace', spec);
  const charts: Chart[] = [new NetworkChart(scope, 'network', spec, settings)];
  if (hasSharedCache(spec, settings)) charts.push(new SharedCacheChart(scope, 'shared-cache', spec));
  const pools = spec.pools.map(
    (pool) => new PoolChart(scope, `pool-${pool.name}`, spec, pool, sizeOf(pool, plan), settings),
  );
  charts.push(...pools);
  if (batch !== undefined) charts.push(new BatchChart(scope, 'batch', spec, batch, poolOf(spec, batch, pools)));
  if (monitoring !== 'none') charts.push(new MonitoringChart(scope, 'monitoring', spec, settings));
  for (const chart of charts) chart.addDependency(namespace);
  return [namespace, ...charts];
}

/** The chart of the pool that serves the model of a batch run. */
function poolOf(spec: Spec, { model }: BatchSettings, pools: readonly PoolChart[]): PoolChart {
  const index = spec.pools.findIndex(({ models }) => models.includes(model));
  const pool = pools[index];
  if (pool !== undefined) return pool;
  const known = spec.models.map(({ name }) => name).join(', ');
  throw new SettingsError(`a batch run is asked of model '${model}', expected one of ${known}`);
}

/** A target group under a mistyped name would silently stay empty. */
function checkTargetGroups({ pools }: Spec, { targetGroupArns }: KubernetesSettings): void {
  const names = pools.map(({ name }) => name);
  const unknown = Object.keys(targetGroupArns).find((pool) => !names.includes(pool));
  if (unknown === undefined) return;
  throw new SettingsError(`a target group is given for '${unknown}', expected one of the pools ${names.join(', ')}`);
}
