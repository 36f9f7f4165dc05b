import { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { AlarmTopic } from '../constructs/alarm-topic';
import { CostGuard } from '../constructs/cost-guard';
import type { LoadBalancer } from '../constructs/load-balancer';
import { PartAlarms } from '../constructs/part-alarms';
import { ServiceDashboard } from '../constructs/service-dashboard';
import { ServiceLevelAlarms } from '../constructs/service-level-alarms';
import type { ObservedGateway } from '../gateway-metric';
import { SYSTEM_TAG } from '../names';
import { type PlatformRegion, PlatformStack } from './platform-stack';

export interface ObservabilityStackProps extends PlatformRegion {
  readonly loadBalancer: LoadBalancer;
  /** Undefined where CloudFront takes its place. */
  readonly gateway: ObservedGateway | undefined;
  /** Ids of the nodes of Redis; undefined where there are none. */
  readonly cacheNodeIds: readonly string[] | undefined;
}

/** What tells a person: alarms on what callers are owed and on what it rests on, a dashboard, and what it costs. */
export class ObservabilityStack extends PlatformStack {
  constructor(scope: Construct, { loadBalancer, gateway, cacheNodeIds, ...place }: ObservabilityStackProps) {
    super(scope, 'observability', place, 'alarms, dashboard and costs');
    const { spec, region } = place;
    const { topic } = new AlarmTopic(this, 'alarms');
    const pools = spec.pools.flatMap(({ name, slo, maxReplicas }) => {
      const targetGroup = loadBalancer.targetGroups[name];
      return targetGroup === undefined ? [] : [{ name, targetGroup, p95Ms: slo?.p95Ms, maxReplicas }];
    });
    const parts = { ...(gateway && { gateway }), ...(cacheNodeIds && { cache: { nodeIds: cacheNodeIds } }) };
    const levels = new ServiceLevelAlarms(this, 'service-levels', { pools, topic });
    const { alarms } = new PartAlarms(this, 'parts', { topic, ...parts });
    new ServiceDashboard(this, 'dashboard', {
      title: spec.name,
      pools,
      alarms: [...levels.alarms, ...alarms],
      ...parts,
    });
    const { budgetUsdPerMonth } = spec.aws;
    // The costs of all regions are watched from the first.
    if (budgetUsdPerMonth !== undefined && region === spec.aws.region) {
      new CostGuard(this, 'costs', { topic, budgetUsdPerMonth, tag: { key: SYSTEM_TAG, value: spec.name } });
    }
    new CfnOutput(this, 'AlarmTopicArn', { value: topic.topicArn });
  }
}
