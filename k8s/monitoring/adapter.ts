import { RECORDED_METRICS } from '../../lib/contract';

/** A rule of prometheus-adapter; `<<…>>` are its own template fields. */
interface AdapterRule {
  readonly seriesQuery: string;
  readonly resources: { readonly overrides: Readonly<Record<string, { readonly resource: string }>> };
  readonly metricsQuery: string;
}

/**
 * What prometheus-adapter must serve for the HPAs' Pods metric. All that is clever about the signal happened when it was
 * recorded, so one rule does for every pool.
 */
export function adapterRules(namespace: string): { readonly rules: readonly AdapterRule[] } {
  return {
    rules: [
      {
        seriesQuery: `${RECORDED_METRICS.scalerLatency}{namespace="${namespace}",pod!=""}`,
        resources: { overrides: { namespace: { resource: 'namespace' }, pod: { resource: 'pod' } } },
        metricsQuery: 'max by (<<.GroupBy>>) (<<.Series>>{<<.LabelMatchers>>})',
      },
    ],
  };
}
