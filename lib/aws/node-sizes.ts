import { type InstanceType, instanceType, typesWithRoom } from '../plan/instance-types';
import { replicasPerNode } from '../plan/nodes';
import { unplannedSize } from '../plan/size';
import { PLAN_FILE, sizeOf, type WrittenPlan } from '../plan/written-plan';
import type { GpuName } from '../spec/gpus';
import type { Spec, SpecPool } from '../spec/load';
import type { NodeCapacity } from './constructs/node-group';
import { PropsError } from './errors';
import { TIER_DESIGNS } from './tier-design';

/** Alike nodes. */
export interface NodeCount {
  /** Name of the group, after the first of its types. */
  readonly name: string;
  /** Names of EC2 instance types, best first; several on spot alone. */
  readonly instanceTypes: readonly string[];
  /** Undefined for nodes without GPU. */
  readonly gpu: GpuName | undefined;
  readonly capacity: NodeCapacity;
  readonly minNodes: number;
  readonly maxNodes: number;
}

/** Compute and general purpose on Graviton, of a generation that nearly all regions have. */
const CPU_FAMILIES = ['c7g.', 'm7g.'];

/** What the image of each kind of pool is built for. */
const ARCHITECTURES = { cpu: 'arm64', gpu: 'x86_64' } as const;

/** A pool on the type of its nodes. */
interface PlacedPool {
  readonly pool: SpecPool;
  readonly type: InstanceType;
  readonly perNode: number;
}

/**
 * The groups of nodes for all replicas, one for each type of the pools. The type is that of the written plan; without
 * one, for CPUs that of the tier, for GPUs the smallest with it, one replica a node. GPUs begin at none: the first
 * replica brings the first; other pools with two replicas have two nodes. At most there are nodes for all replicas that could land on a type, because a pod takes any
 * node with room, and one more, because a rollout starts new replicas before it ends old ones.
 *
 * @throws PropsError for a plan whose types are unknown or do not fit their pools
 */
export function nodeGroups(spec: Spec, plan: WrittenPlan | undefined): NodeCount[] {
  const placed = spec.pools.map((pool) => place(pool, spec, plan));
  const types = [...new Set(placed.map(({ type }) => type))];
  return types.map((type) => {
    const own = placed.filter((other) => other.type === type);
    const able = placed.filter(({ pool }) => pool.gpu === type.gpu?.name);
    const capacity = capacityOf(own[0]?.pool);
    return {
      name: type.name.replace('.', '-'),
      instanceTypes: capacity === 'spot' ? interchangeable(type) : [type.name],
      gpu: type.gpu?.name,
      capacity,
      minNodes: type.gpu ? 0 : fewestNodes(own),
      maxNodes: Math.ceil(sum(able, (other) => nodesOn(type, other, plan))) + 1,
    };
  });
}

/** Room for all replicas that there always are; as in the plan, two of a pool never share all their luck. */
function fewestNodes(placed: readonly PlacedPool[]): number {
  const room = Math.ceil(sum(placed, ({ pool, perNode }) => pool.minReplicas / perNode));
  return Math.max(room, ...placed.map(({ pool }) => Math.min(2, pool.minReplicas)));
}

function place(pool: SpecPool, spec: Spec, plan: WrittenPlan | undefined): PlacedPool {
  const planned = plan?.pools[pool.name]?.nodes;
  if (planned === undefined) return assume(pool, spec);
  const type = instanceType(planned.instanceType);
  if (type === undefined || type.gpu?.name !== pool.gpu || type.architecture !== ARCHITECTURES[pool.hardware]) {
    const what = pool.gpu === undefined ? 'no GPU' : `the GPU ${pool.gpu}`;
    const allowed = `a type of the table in lib/plan/instance-types.ts with ${what} and ${ARCHITECTURES[pool.hardware]}`;
    throw new PropsError(`${PLAN_FILE}: pools.${pool.name}.nodes.instanceType`, planned.instanceType, allowed);
  }
  return { pool, type, perNode: planned.replicasPerNode };
}

/** Where nothing was planned. */
function assume(pool: SpecPool, { tier }: Spec): PlacedPool {
  const perNode = pool.gpu === undefined ? TIER_DESIGNS[tier.name].replicasPerNode : 1;
  const size = unplannedSize(pool.hardware);
  const [type] = typesWithRoom({
    architecture: ARCHITECTURES[pool.hardware],
    cpuMillicores: size.cpuMillicores * perNode,
    memoryMib: size.memoryMib * perNode,
    ...(pool.gpu && { gpu: pool.gpu }),
  }).filter(({ name, gpu }) => gpu !== undefined || CPU_FAMILIES.some((family) => name.startsWith(family)));
  if (type === undefined) throw new RangeError(`no instance type has room for ${perNode} replicas of ${pool.name}`);
  return { pool, type, perNode };
}

/** Nodes of a type for all replicas of a pool, whole or in part; none where not even one has room. */
function nodesOn(type: InstanceType, { pool, type: own, perNode }: PlacedPool, plan: WrittenPlan | undefined): number {
  const room = own === type ? perNode : replicasPerNode(type, { ...sizeOf(pool, plan), gpu: pool.gpu });
  return room === 0 ? 0 : pool.maxReplicas / room;
}

function capacityOf(pool: SpecPool | undefined): NodeCapacity {
  const { capacity = 'on-demand', capacityBlock } = pool ?? {};
  if (capacity !== 'capacity-block') return capacity;
  return capacityBlock === undefined ? 'on-demand' : { capacityBlock };
}

/** Types with as many of the same GPU and no less of anything else: AWS seldom takes back all of several at once. */
function interchangeable({ architecture, gpu, vcpus, memoryGiB }: InstanceType): string[] {
  return typesWithRoom({ architecture, cpuMillicores: 0, memoryMib: 0, ...(gpu && { gpu: gpu.name }) })
    .filter((other) => other.gpu?.count === gpu?.count && other.vcpus >= vcpus && other.memoryGiB >= memoryGiB)
    .map(({ name }) => name);
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
