import { ApiObject, Chart } from 'cdk8s';
import { ConfigMap } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { stringify } from 'yaml';
import { metricRulesName, PATHS, POOL_LABEL } from '../../lib/contract';
import type { Spec } from '../../lib/spec/load';
import { COMPONENT_LABEL, INFERENCE_COMPONENT, POOL_NAME_LABEL, systemLabels } from '../names';
import type { KubernetesSettings } from '../settings';
import { adapterRules } from './adapter';
import { dashboard } from './dashboard';
import { poolRules } from './rules';

/** Half of the window of a quantile must not hang on one scrape. */
const SCRAPE_INTERVAL = '15s';

/**
 * What Prometheus, its adapter and Grafana must know. PodMonitor and PrometheusRule are custom resources of the
 * Prometheus operator, of which the construct library knows nothing.
 */
export class MonitoringChart extends Chart {
  constructor(scope: Construct, id: string, spec: Spec, settings: KubernetesSettings) {
    super(scope, id, { namespace: spec.name, labels: systemLabels(spec), disableResourceNameHashes: true });
    const { monitoringNamespace: namespace } = settings;
    new ApiObject(this, 'pod-monitor', podMonitor(spec));
    new ApiObject(this, 'rules', {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PrometheusRule',
      metadata: { name: 'headroom' },
      spec: { groups: spec.pools.map((pool) => poolRules(spec, pool)) },
    });
    // Both are read by programs of the monitoring namespace, from there.
    new ConfigMap(this, 'dashboard', {
      metadata: { name: `headroom-dashboard-${spec.name}`, namespace, labels: { grafana_dashboard: '1' } },
      data: { [`headroom-${spec.name}.json`]: JSON.stringify(dashboard(spec), null, 1) },
    });
    if (spec.pools.every(({ scaler }) => scaler === 'keda')) return;
    new ConfigMap(this, 'adapter-rules', {
      metadata: { name: metricRulesName(spec.name), namespace },
      data: { 'config.yaml': stringify(adapterRules(spec.name)) },
    });
  }
}

function podMonitor(spec: Spec) {
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PodMonitor',
    metadata: { name: 'headroom' },
    spec: {
      selector: { matchLabels: { ...systemLabels(spec), [COMPONENT_LABEL]: INFERENCE_COMPONENT } },
      podMetricsEndpoints: [
        {
          port: 'admin',
          path: PATHS.metrics,
          interval: SCRAPE_INTERVAL,
          relabelings: [
            {
              action: 'replace',
              sourceLabels: [`__meta_kubernetes_pod_label_${POOL_NAME_LABEL.replace(/\W/g, '_')}`],
              targetLabel: POOL_LABEL,
            },
          ],
        },
      ],
    },
  };
}
