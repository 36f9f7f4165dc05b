import type { ICluster } from 'aws-cdk-lib/aws-eks-v2';
import type { Construct } from 'constructs';
import { GPU_NODES } from '../../contract';
import { INSTANCE_TYPES, instanceType } from '../../plan/instance-types';
import type { GpuName } from '../../spec/gpus';
import { PropsError } from '../errors';
import { type NodeCapacity, NodeGroup } from './node-group';

export interface GpuNodesProps {
  readonly cluster: ICluster;

  /** GPU of the nodes, by its name in the spec: pods ask for it by the node's label. */
  readonly gpu: GpuName;

  /**
   * Names of EC2 instance types with that GPU, best first, all with as many of it and none smaller than the first.
   * @default the smallest type with it
   */
  readonly instanceTypes?: readonly string[];

  /**
   * Nodes that there always are.
   * @default 0
   */
  readonly minNodes?: number;

  /** Nodes that it never exceeds. */
  readonly maxNodes: number;

  /** @default 'on-demand' */
  readonly capacity?: NodeCapacity;

  /**
   * Encrypted disk of a node, in GiB.
   * @default 100
   */
  readonly diskGiB?: number;
}

/** By this label the autoscaler knows that a new node will have its GPU in a moment, and does not add another. */
const ACCELERATOR_LABEL = 'k8s.amazonaws.com/accelerator';

/**
 * Nodes with NVIDIA GPUs, from none: the first pod that asks for one brings the first node. A taint keeps all others
 * away. A new account may have no such nodes at all: their quota in EC2 is 0 vCPUs until it is raised.
 */
export class GpuNodes extends NodeGroup {
  /** @throws PropsError for types without the GPU or that do not go together, or bounds that AWS would refuse */
  constructor(scope: Construct, id: string, props: GpuNodesProps) {
    const { gpu, minNodes = 0, instanceTypes = smallestWith(gpu), ...others } = props;
    const without = instanceTypes.find((name) => instanceType(name)?.gpu?.name !== gpu);
    if (without !== undefined) {
      const allowed = INSTANCE_TYPES.filter((type) => type.gpu?.name === gpu).map(({ name }) => name);
      throw new PropsError('GpuNodes.instanceTypes', without, `types with the GPU ${gpu}: ${allowed.join(', ')}`);
    }
    super(scope, id, {
      ...others,
      instanceTypes,
      minNodes,
      labels: { [GPU_NODES.label]: gpu, [ACCELERATOR_LABEL]: gpu },
      taint: GPU_NODES.taint,
    });
  }
}

function smallestWith(gpu: GpuName): string[] {
  const types = INSTANCE_TYPES.filter((type) => type.gpu?.name === gpu).sort((a, b) => a.vcpus - b.vcpus);
  return types.slice(0, 1).map(({ name }) => name);
}
