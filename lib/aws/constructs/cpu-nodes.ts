import type { ICluster } from 'aws-cdk-lib/aws-eks-v2';
import type { Construct } from 'constructs';
import { NodeGroup } from './node-group';

export interface CpuNodesProps {
  readonly cluster: ICluster;

  /** Names of EC2 instance types without GPU, best first, all of one architecture and size. */
  readonly instanceTypes: readonly string[];

  /**
   * Nodes that there always are.
   * @default 1
   */
  readonly minNodes?: number;

  /** Nodes that it never exceeds. */
  readonly maxNodes: number;

  /**
   * Whether nodes are had cheaply and may be taken back with two minutes' notice; needs several instance types.
   * @default false
   */
  readonly spot?: boolean;

  /**
   * Encrypted disk of a node, in GiB.
   * @default 50
   */
  readonly diskGiB?: number;
}

/** Nodes for replicas that compute on CPUs, Graviton or x86. */
export class CpuNodes extends NodeGroup {
  /** @throws PropsError for types that do not go together, or bounds that AWS would refuse */
  constructor(scope: Construct, id: string, { spot, minNodes = 1, ...props }: CpuNodesProps) {
    super(scope, id, { ...props, minNodes, capacity: spot ? 'spot' : 'on-demand' });
  }
}
