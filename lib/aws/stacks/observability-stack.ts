import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { ObservedCache } from '../cache-metric';
import type { LoadBalancer } from '../constructs/load-balancer';
import { PartAlarms } from '../constructs/part-alarms';
import { ServiceDashboard } from '../constructs/service-dashboard';
import { ServiceLevelAlarms } from '../constructs/service-level-alarms';
import type { ObservedFirewall } from '../firewall/metric';
import type { ObservedGateway } from '../gateway/metric';
import { type PlatformRegion, PlatformStack } from './platform-stack';

export interface ObservabilityStackProps extends PlatformRegion {
  /** Where alarms go. */
  readonly topic: ITopic;
  readonly loadBalancer: LoadBalancer;
  /** Undefined where CloudFront takes its place. */
  readonly gateway: ObservedGateway | undefined;
  /** Undefined where that of CloudFront takes its place. */
  readonly firewall: ObservedFirewall | undefined;
  /** Undefined where there is none. */
  readonly cache: ObservedCache | undefined;
}

/** What tells a person: alarms on what callers are owed and on what it rests on, and a dashboard. */
export class ObservabilityStack extends PlatformStack {
  constructor(scope: Construct, props: ObservabilityStackProps) {
    super(scope, 'observability', props, 'alarms and dashboard');
    const { spec, topic, loadBalancer, gateway, firewall, cache } = props;
    const { alb, targetGroups } = loadBalancer;
    const pools = spec.pools.flatMap(({ name, slo, minReplicas, maxReplicas: most }) => {
      const targetGroup = targetGroups[name];
      // A pool of a fixed size always stands at its maximum.
      const maxReplicas = most > minReplicas ? most : undefined;
      if (targetGroup === undefined) return [];
      return [{ name, targetGroup, loadBalancer: alb, p95Ms: slo?.p95Ms, maxReplicas }];
    });
    const parts = { ...(gateway && { gateway }), ...(cache && { cache }) };
    const levels = new ServiceLevelAlarms(this, 'service-levels', { pools, topic });
    const { alarms } = new PartAlarms(this, 'parts', { topic, ...parts, ...(firewall && { firewall }) });
    new ServiceDashboard(this, 'dashboard', {
      title: spec.name,
      pools,
      alarms: [...levels.alarms, ...alarms],
      ...parts,
    });
  }
}
