import type { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';

/** A cache on ElastiCache as it is watched: by its nodes, or as one that has none. */
export type ObservedCache = { readonly nodeIds: readonly string[] } | { readonly serverlessName: string };

/** A metric of each node, or of the one cache without any. */
export function cacheMetrics(
  cache: ObservedCache,
  metricName: string,
  period: Duration,
  statistic: string,
): readonly Metric[] {
  const common = { namespace: 'AWS/ElastiCache', metricName, period, statistic };
  // CloudWatch spells the two differently.
  if ('serverlessName' in cache) return [new Metric({ ...common, dimensionsMap: { clusterId: cache.serverlessName } })];
  return cache.nodeIds.map((CacheClusterId) => new Metric({ ...common, dimensionsMap: { CacheClusterId } }));
}
