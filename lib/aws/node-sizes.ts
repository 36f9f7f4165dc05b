import { typesWithRoom } from '../plan/instance-types';
import { UNPLANNED_SIZE } from '../plan/size';
import type { GpuName } from '../spec/gpus';
import type { Spec, SpecPool } from '../spec/load';
import { TIER_DESIGNS } from './tier-design';

/** Alike nodes. */
export interface NodeCount {
  /** Name of the EC2 instance type. */
  readonly instanceType: string;
  readonly minNodes: number;
  readonly maxNodes: number;
}

/** Compute and general purpose on Graviton, of a generation that nearly all regions have. */
const CPU_FAMILIES = ['c7g.', 'm7g.'];

/**
 * Nodes for all replicas without GPU; undefined where there are none. One more than the replicas fill, because a rollout
 * starts new ones before it ends old ones.
 */
export function cpuNodes(spec: Spec): NodeCount | undefined {
  const pools = spec.pools.filter(({ gpu }) => gpu === undefined);
  if (pools.length === 0) return undefined;
  const { replicasPerNode } = TIER_DESIGNS[spec.tier.name];
  const [type] = typesWithRoom({
    architecture: 'arm64',
    cpuMillicores: UNPLANNED_SIZE.cpuMillicores * replicasPerNode,
    memoryMib: UNPLANNED_SIZE.memoryMib * replicasPerNode,
  }).filter(({ name }) => CPU_FAMILIES.some((family) => name.startsWith(family)));
  if (type === undefined) throw new RangeError(`no instance type has room for ${replicasPerNode} replicas`);
  return {
    instanceType: type.name,
    minNodes: Math.ceil(sum(pools, 'minReplicas') / replicasPerNode),
    maxNodes: Math.ceil(sum(pools, 'maxReplicas') / replicasPerNode) + 1,
  };
}

/** Nodes by GPU, one replica each, from none: the first replica brings the first. */
export function gpuNodes(spec: Spec): { readonly gpu: GpuName; readonly maxNodes: number }[] {
  const gpus = new Set(spec.pools.flatMap(({ gpu }) => gpu ?? []));
  return [...gpus].map((gpu) => ({
    gpu,
    maxNodes:
      sum(
        spec.pools.filter((pool) => pool.gpu === gpu),
        'maxReplicas',
      ) + 1,
  }));
}

function sum(pools: readonly SpecPool[], key: 'minReplicas' | 'maxReplicas'): number {
  return pools.reduce((total, pool) => total + pool[key], 0);
}
