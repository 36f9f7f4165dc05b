import type { GpuName } from '../spec/gpus';
import { HOURS_PER_MONTH, SYSTEM_PODS_PER_NODE } from './assumptions';
import { type Architecture, INSTANCE_TYPES, type InstanceType, roomForPods } from './instance-types';
import type { Price, Prices } from './prices';

/** What a replica asks of a node. */
export interface ReplicaNeed {
  readonly cpuMillicores: number;
  readonly memoryMib: number;
  readonly gpu: GpuName | undefined;
}

/** Nodes of one type for a pool. */
export interface NodePlan {
  readonly type: InstanceType;
  readonly replicasPerNode: number;
  readonly price: Price;
  /** Nodes that hold a number of replicas. */
  nodesFor(replicas: number): number;
}

/** Burstable types slow down when their credits are used up, which a steady load does. */
const BURSTABLE = /^t\d/;

/** Replicas that one node holds: by CPU, memory, GPUs and addresses. */
export function replicasPerNode(type: InstanceType, { cpuMillicores, memoryMib, gpu }: ReplicaNeed): number {
  if (type.gpu?.name !== gpu) return 0;
  const room = roomForPods(type);
  return Math.max(
    0,
    Math.min(
      Math.floor(room.cpuMillicores / cpuMillicores),
      Math.floor(room.memoryMib / memoryMib),
      type.maxPods - SYSTEM_PODS_PER_NODE,
      type.gpu?.count ?? Number.POSITIVE_INFINITY,
    ),
  );
}

/**
 * The types that can hold a replica, each with its price; types of which the region has no price are left out.
 * @param replicas hourly numbers of a day, by which {@link monthlyCost} compares them
 */
export function nodePlans(need: ReplicaNeed, architectures: readonly Architecture[], prices: Prices): NodePlan[] {
  return INSTANCE_TYPES.flatMap((type) => {
    if (BURSTABLE.test(type.name) || !architectures.includes(type.architecture)) return [];
    const perNode = replicasPerNode(type, need);
    const price = perNode === 0 ? undefined : prices.find(`ec2/${type.name}`);
    if (price === undefined) return [];
    return [{ type, replicasPerNode: perNode, price, nodesFor: (replicas) => nodesFor(replicas, perNode) }];
  });
}

/** Two replicas never share all their luck: from two on there are at least two nodes. */
function nodesFor(replicas: number, perNode: number): number {
  return Math.max(Math.min(2, replicas), Math.ceil(replicas / perNode));
}

/** Cost of a month of days with the given replicas in their parts of equal length. */
export function monthlyCost(plan: NodePlan, replicasOverADay: readonly number[]): number {
  const nodes = replicasOverADay.map((replicas) => plan.nodesFor(replicas));
  const mean = nodes.reduce((sum, count) => sum + count, 0) / nodes.length;
  return mean * HOURS_PER_MONTH * plan.price.first;
}

/** The cheapest over a day; of equally cheap ones that with fewer cores, which leaves less idle when the load falls. */
export function cheapest(plans: readonly NodePlan[], replicasOverADay: readonly number[]): NodePlan | undefined {
  const costs = plans.map((plan) => ({ plan, cost: monthlyCost(plan, replicasOverADay) }));
  costs.sort((a, b) => a.cost - b.cost || a.plan.type.vcpus - b.plan.type.vcpus);
  return costs[0]?.plan;
}
