import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { type WrittenPlan, withPlan } from '../plan/written-plan';
import type { AwsSpec } from './checks';
import { EDGE_REGION } from './edge/edge-region';
import { AlarmsStack } from './stacks/alarms-stack';
import { ClusterStack } from './stacks/cluster-stack';
import { DataStack } from './stacks/data-stack';
import { DeliveryStack } from './stacks/delivery-stack';
import { EdgeStack } from './stacks/edge-stack';
import { FrontDoorStack } from './stacks/front-door-stack';
import { NetworkStack } from './stacks/network-stack';
import { ObservabilityStack } from './stacks/observability-stack';
import { WorkloadStack } from './stacks/workload-stack';
import { redisDesign } from './tier-design';
import type { MakeManifests } from './workload';

export interface PlatformProps {
  readonly spec: AwsSpec;
  /** What was planned of it goes before what the spec and its tier say. */
  readonly plan?: WrittenPlan | undefined;
  /** Folder from which the image of the service is built: the root of the repository. */
  readonly imageDirectory: string;
  readonly makeManifests: MakeManifests;
}

/**
 * All that a system needs on AWS, as stacks that each depend only on earlier ones.
 *
 * @param scope the CDK app
 * @throws PropsError for a plan whose nodes do not fit the spec
 */
export function addPlatform(scope: Construct, { spec: unplanned, plan, ...workload }: PlatformProps): void {
  const spec = { ...unplanned, pools: unplanned.pools.map((pool) => withPlan(pool, plan)) };
  const topics = new Map<string, ITopic>();
  const origins = [spec.aws.region, ...spec.aws.regions].flatMap((region) => {
    const place = { spec, region };
    const { topic } = new AlarmsStack(scope, place);
    topics.set(region, topic);
    const { vpc } = new NetworkStack(scope, place);
    const design = redisDesign(spec, plan);
    const data = design && new DataStack(scope, { ...place, vpc, design });
    const { modelStore } = new DeliveryStack(scope, place);
    const { cluster, prometheusUrl } = new ClusterStack(scope, { ...place, vpc, plan, alertTopic: topic });
    const { loadBalancer, gateway, firewall, entranceOrigin } = new EdgeStack(scope, { ...place, vpc });
    new WorkloadStack(scope, {
      ...place,
      ...workload,
      vpc,
      redis: data?.redis,
      modelStore,
      cluster,
      prometheusUrl,
      loadBalancer,
    });
    new ObservabilityStack(scope, {
      ...place,
      topic,
      loadBalancer,
      gateway,
      firewall,
      cache: data?.observed,
    });
    return entranceOrigin ?? [];
  });
  if (origins.length === 0) return;
  // Alarms send to topics of their own region only.
  const topic = topics.get(EDGE_REGION) ?? new AlarmsStack(scope, { spec, region: EDGE_REGION }).topic;
  new FrontDoorStack(scope, { spec, origins, topic });
}
