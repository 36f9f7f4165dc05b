import type { GpuName } from '../spec/gpus';

export type Architecture = 'x86_64' | 'arm64';

/** An EC2 instance type that nodes can be of. */
export interface InstanceType {
  readonly name: string;
  readonly architecture: Architecture;
  readonly vcpus: number;
  readonly memoryGiB: number;
  /** Pods that get an address of the VPC, without prefix delegation. */
  readonly maxPods: number;
  /** Whole GPUs, all alike; undefined for a type without. */
  readonly gpu?: { readonly name: GpuName; readonly count: number };
}

/**
 * Types for serving, by family, each family by size: compute and general purpose on Graviton and Intel, small burstable
 * ones for what a cluster itself needs, and those of every GPU of the spec.
 *
 * Source: the reference of instance types of Karpenter's provider for AWS (Apache-2.0), as of 2026-07-11, which is
 * generated from EC2's DescribeInstanceTypes.
 */
export const INSTANCE_TYPES: readonly InstanceType[] = [
  { name: 't4g.medium', architecture: 'arm64', vcpus: 2, memoryGiB: 4, maxPods: 17 },
  { name: 't4g.large', architecture: 'arm64', vcpus: 2, memoryGiB: 8, maxPods: 35 },
  { name: 't4g.xlarge', architecture: 'arm64', vcpus: 4, memoryGiB: 16, maxPods: 58 },
  { name: 'c6g.large', architecture: 'arm64', vcpus: 2, memoryGiB: 4, maxPods: 29 },
  { name: 'c6g.xlarge', architecture: 'arm64', vcpus: 4, memoryGiB: 8, maxPods: 58 },
  { name: 'c6g.2xlarge', architecture: 'arm64', vcpus: 8, memoryGiB: 16, maxPods: 58 },
  { name: 'c6g.4xlarge', architecture: 'arm64', vcpus: 16, memoryGiB: 32, maxPods: 234 },
  { name: 'c6g.8xlarge', architecture: 'arm64', vcpus: 32, memoryGiB: 64, maxPods: 234 },
  { name: 'c6g.16xlarge', architecture: 'arm64', vcpus: 64, memoryGiB: 128, maxPods: 737 },
  { name: 'c7g.large', architecture: 'arm64', vcpus: 2, memoryGiB: 4, maxPods: 29 },
  { name: 'c7g.xlarge', architecture: 'arm64', vcpus: 4, memoryGiB: 8, maxPods: 58 },
  { name: 'c7g.2xlarge', architecture: 'arm64', vcpus: 8, memoryGiB: 16, maxPods: 58 },
  { name: 'c7g.4xlarge', architecture: 'arm64', vcpus: 16, memoryGiB: 32, maxPods: 234 },
  { name: 'c7g.8xlarge', architecture: 'arm64', vcpus: 32, memoryGiB: 64, maxPods: 234 },
  { name: 'c7g.16xlarge', architecture: 'arm64', vcpus: 64, memoryGiB: 128, maxPods: 737 },
  { name: 'c8g.large', architecture: 'arm64', vcpus: 2, memoryGiB: 4, maxPods: 29 },
  { name: 'c8g.xlarge', architecture: 'arm64', vcpus: 4, memoryGiB: 8, maxPods: 58 },
  { name: 'c8g.2xlarge', architecture: 'arm64', vcpus: 8, memoryGiB: 16, maxPods: 58 },
  { name: 'c8g.4xlarge', architecture: 'arm64', vcpus: 16, memoryGiB: 32, maxPods: 234 },
  { name: 'c8g.8xlarge', architecture: 'arm64', vcpus: 32, memoryGiB: 64, maxPods: 234 },
  { name: 'c8g.16xlarge', architecture: 'arm64', vcpus: 64, memoryGiB: 128, maxPods: 737 },
  { name: 'm7g.large', architecture: 'arm64', vcpus: 2, memoryGiB: 8, maxPods: 29 },
  { name: 'm7g.xlarge', architecture: 'arm64', vcpus: 4, memoryGiB: 16, maxPods: 58 },
  { name: 'm7g.2xlarge', architecture: 'arm64', vcpus: 8, memoryGiB: 32, maxPods: 58 },
  { name: 'm7g.4xlarge', architecture: 'arm64', vcpus: 16, memoryGiB: 64, maxPods: 234 },
  { name: 'm7g.8xlarge', architecture: 'arm64', vcpus: 32, memoryGiB: 128, maxPods: 234 },
  { name: 'm7g.16xlarge', architecture: 'arm64', vcpus: 64, memoryGiB: 256, maxPods: 737 },
  { name: 't3.medium', architecture: 'x86_64', vcpus: 2, memoryGiB: 4, maxPods: 17 },
  { name: 't3.large', architecture: 'x86_64', vcpus: 2, memoryGiB: 8, maxPods: 35 },
  { name: 't3.xlarge', architecture: 'x86_64', vcpus: 4, memoryGiB: 16, maxPods: 58 },
  { name: 'c6i.large', architecture: 'x86_64', vcpus: 2, memoryGiB: 4, maxPods: 29 },
  { name: 'c6i.xlarge', architecture: 'x86_64', vcpus: 4, memoryGiB: 8, maxPods: 58 },
  { name: 'c6i.2xlarge', architecture: 'x86_64', vcpus: 8, memoryGiB: 16, maxPods: 58 },
  { name: 'c6i.4xlarge', architecture: 'x86_64', vcpus: 16, memoryGiB: 32, maxPods: 234 },
  { name: 'c6i.8xlarge', architecture: 'x86_64', vcpus: 32, memoryGiB: 64, maxPods: 234 },
  { name: 'c6i.16xlarge', architecture: 'x86_64', vcpus: 64, memoryGiB: 128, maxPods: 737 },
  { name: 'c7i.large', architecture: 'x86_64', vcpus: 2, memoryGiB: 4, maxPods: 29 },
  { name: 'c7i.xlarge', architecture: 'x86_64', vcpus: 4, memoryGiB: 8, maxPods: 58 },
  { name: 'c7i.2xlarge', architecture: 'x86_64', vcpus: 8, memoryGiB: 16, maxPods: 58 },
  { name: 'c7i.4xlarge', architecture: 'x86_64', vcpus: 16, memoryGiB: 32, maxPods: 234 },
  { name: 'c7i.8xlarge', architecture: 'x86_64', vcpus: 32, memoryGiB: 64, maxPods: 234 },
  { name: 'c7i.16xlarge', architecture: 'x86_64', vcpus: 64, memoryGiB: 128, maxPods: 737 },
  { name: 'm7i.large', architecture: 'x86_64', vcpus: 2, memoryGiB: 8, maxPods: 29 },
  { name: 'm7i.xlarge', architecture: 'x86_64', vcpus: 4, memoryGiB: 16, maxPods: 58 },
  { name: 'm7i.2xlarge', architecture: 'x86_64', vcpus: 8, memoryGiB: 32, maxPods: 58 },
  { name: 'm7i.4xlarge', architecture: 'x86_64', vcpus: 16, memoryGiB: 64, maxPods: 234 },
  { name: 'm7i.8xlarge', architecture: 'x86_64', vcpus: 32, memoryGiB: 128, maxPods: 234 },
  { name: 'm7i.16xlarge', architecture: 'x86_64', vcpus: 64, memoryGiB: 256, maxPods: 737 },
  { name: 'g4dn.xlarge', architecture: 'x86_64', vcpus: 4, memoryGiB: 16, maxPods: 29, gpu: { name: 't4', count: 1 } },
  { name: 'g4dn.2xlarge', architecture: 'x86_64', vcpus: 8, memoryGiB: 32, maxPods: 29, gpu: { name: 't4', count: 1 } },
  {
    name: 'g4dn.4xlarge',
    architecture: 'x86_64',
    vcpus: 16,
    memoryGiB: 64,
    maxPods: 29,
    gpu: { name: 't4', count: 1 },
  },
  {
    name: 'g4dn.8xlarge',
    architecture: 'x86_64',
    vcpus: 32,
    memoryGiB: 128,
    maxPods: 58,
    gpu: { name: 't4', count: 1 },
  },
  {
    name: 'g4dn.12xlarge',
    architecture: 'x86_64',
    vcpus: 48,
    memoryGiB: 192,
    maxPods: 234,
    gpu: { name: 't4', count: 4 },
  },
  { name: 'g6.xlarge', architecture: 'x86_64', vcpus: 4, memoryGiB: 16, maxPods: 58, gpu: { name: 'l4', count: 1 } },
  { name: 'g6.2xlarge', architecture: 'x86_64', vcpus: 8, memoryGiB: 32, maxPods: 58, gpu: { name: 'l4', count: 1 } },
  { name: 'g6.4xlarge', architecture: 'x86_64', vcpus: 16, memoryGiB: 64, maxPods: 234, gpu: { name: 'l4', count: 1 } },
  {
    name: 'g6.8xlarge',
    architecture: 'x86_64',
    vcpus: 32,
    memoryGiB: 128,
    maxPods: 234,
    gpu: { name: 'l4', count: 1 },
  },
  {
    name: 'g6.12xlarge',
    architecture: 'x86_64',
    vcpus: 48,
    memoryGiB: 192,
    maxPods: 234,
    gpu: { name: 'l4', count: 4 },
  },
  {
    name: 'g6.24xlarge',
    architecture: 'x86_64',
    vcpus: 96,
    memoryGiB: 384,
    maxPods: 737,
    gpu: { name: 'l4', count: 4 },
  },
  {
    name: 'g6.48xlarge',
    architecture: 'x86_64',
    vcpus: 192,
    memoryGiB: 768,
    maxPods: 737,
    gpu: { name: 'l4', count: 8 },
  },
  { name: 'g5.xlarge', architecture: 'x86_64', vcpus: 4, memoryGiB: 16, maxPods: 58, gpu: { name: 'a10g', count: 1 } },
  { name: 'g5.2xlarge', architecture: 'x86_64', vcpus: 8, memoryGiB: 32, maxPods: 58, gpu: { name: 'a10g', count: 1 } },
  {
    name: 'g5.4xlarge',
    architecture: 'x86_64',
    vcpus: 16,
    memoryGiB: 64,
    maxPods: 234,
    gpu: { name: 'a10g', count: 1 },
  },
  {
    name: 'g5.8xlarge',
    architecture: 'x86_64',
    vcpus: 32,
    memoryGiB: 128,
    maxPods: 234,
    gpu: { name: 'a10g', count: 1 },
  },
  {
    name: 'g5.12xlarge',
    architecture: 'x86_64',
    vcpus: 48,
    memoryGiB: 192,
    maxPods: 737,
    gpu: { name: 'a10g', count: 4 },
  },
  {
    name: 'g5.24xlarge',
    architecture: 'x86_64',
    vcpus: 96,
    memoryGiB: 384,
    maxPods: 737,
    gpu: { name: 'a10g', count: 4 },
  },
  {
    name: 'g5.48xlarge',
    architecture: 'x86_64',
    vcpus: 192,
    memoryGiB: 768,
    maxPods: 345,
    gpu: { name: 'a10g', count: 8 },
  },
  { name: 'g6e.xlarge', architecture: 'x86_64', vcpus: 4, memoryGiB: 32, maxPods: 58, gpu: { name: 'l40s', count: 1 } },
  {
    name: 'g6e.2xlarge',
    architecture: 'x86_64',
    vcpus: 8,
    memoryGiB: 64,
    maxPods: 58,
    gpu: { name: 'l40s', count: 1 },
  },
  {
    name: 'g6e.4xlarge',
    architecture: 'x86_64',
    vcpus: 16,
    memoryGiB: 128,
    maxPods: 234,
    gpu: { name: 'l40s', count: 1 },
  },
  {
    name: 'g6e.8xlarge',
    architecture: 'x86_64',
    vcpus: 32,
    memoryGiB: 256,
    maxPods: 234,
    gpu: { name: 'l40s', count: 1 },
  },
  {
    name: 'g6e.12xlarge',
    architecture: 'x86_64',
    vcpus: 48,
    memoryGiB: 384,
    maxPods: 292,
    gpu: { name: 'l40s', count: 4 },
  },
  {
    name: 'g6e.24xlarge',
    architecture: 'x86_64',
    vcpus: 96,
    memoryGiB: 768,
    maxPods: 492,
    gpu: { name: 'l40s', count: 4 },
  },
  {
    name: 'g6e.48xlarge',
    architecture: 'x86_64',
    vcpus: 192,
    memoryGiB: 1536,
    maxPods: 492,
    gpu: { name: 'l40s', count: 8 },
  },
  {
    name: 'p5.4xlarge',
    architecture: 'x86_64',
    vcpus: 16,
    memoryGiB: 256,
    maxPods: 118,
    gpu: { name: 'h100', count: 1 },
  },
  {
    name: 'p5.48xlarge',
    architecture: 'x86_64',
    vcpus: 192,
    memoryGiB: 2048,
    maxPods: 100,
    gpu: { name: 'h100', count: 8 },
  },
];

/** The type of a name such as `c7g.xlarge`; undefined for one that is not in the table. */
export function instanceType(name: string): InstanceType | undefined {
  return INSTANCE_TYPES.find((type) => type.name === name);
}

/** Of the types of the table, those of which Capacity Blocks are sold. */
export const TYPES_SOLD_AHEAD = INSTANCE_TYPES.filter(({ name }) => name.startsWith('p'));

/** Their GPUs. */
export const SOLD_AHEAD: ReadonlySet<GpuName> = new Set(TYPES_SOLD_AHEAD.flatMap(({ gpu }) => gpu?.name ?? []));

/** What one pod, or several that must share a node, ask for. */
export interface NodeNeed {
  readonly architecture: Architecture;
  readonly cpuMillicores: number;
  readonly memoryMib: number;
  /** The GPU, of which there must be at least one. Default: nodes without GPU. */
  readonly gpu?: GpuName;
}

/** The types on whose nodes the need finds room, smallest first (by vCPUs, then memory, then as in the table). */
export function typesWithRoom({ architecture, cpuMillicores, memoryMib, gpu }: NodeNeed): InstanceType[] {
  return INSTANCE_TYPES.filter((type) => {
    const room = roomForPods(type);
    return (
      type.architecture === architecture &&
      type.gpu?.name === gpu &&
      room.cpuMillicores >= cpuMillicores &&
      room.memoryMib >= memoryMib
    );
  }).sort((a, b) => a.vcpus - b.vcpus || a.memoryGiB - b.memoryGiB);
}

/** Requested on every node of EKS by its own daemons: the VPC CNI with its policy agent 50m, kube-proxy 100m. */
const DAEMONS_CPU_MILLICORES = 150;
/** Share of the memory that the hypervisor and the kernel keep; Karpenter's estimate, which errs on the safe side. */
const VM_OVERHEAD = 0.075;
/** Set aside by Graviton's kernels for contiguous allocations. */
const GRAVITON_MIB = 64;
const EVICTION_MIB = 100;

/**
 * What of a node is left for the pods of a workload. The kubelet of EKS' images reserves CPU by the number of cores and
 * memory by the number of pods (awslabs/amazon-eks-ami, nodeadm's kubelet defaults).
 */
export function roomForPods(type: InstanceType): { cpuMillicores: number; memoryMib: number } {
  const core = (index: number) => (index === 0 ? 60 : index === 1 ? 10 : index < 4 ? 5 : 2.5);
  const reserved = Array.from({ length: type.vcpus }, (_, index) => core(index)).reduce((sum, each) => sum + each, 0);
  const memoryMib = type.memoryGiB * 1024 - (type.architecture === 'arm64' ? GRAVITON_MIB : 0);
  return {
    cpuMillicores: Math.floor(type.vcpus * 1000 - reserved) - DAEMONS_CPU_MILLICORES,
    memoryMib: Math.floor(memoryMib * (1 - VM_OVERHEAD)) - (255 + 11 * type.maxPods) - EVICTION_MIB,
  };
}
