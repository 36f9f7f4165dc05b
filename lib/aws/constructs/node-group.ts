import type { CfnResource } from 'aws-cdk-lib';
import {
  BlockDeviceVolume,
  CfnLaunchTemplate,
  EbsDeviceVolumeType,
  LaunchTemplate,
  LaunchTemplateHttpTokens,
  SubnetType,
} from 'aws-cdk-lib/aws-ec2';
import { CfnNodegroup, type ICluster } from 'aws-cdk-lib/aws-eks-v2';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { type Architecture, type InstanceType, instanceType, TYPES_SOLD_AHEAD } from '../../plan/instance-types';
import { PropsError } from '../errors';
import { acknowledge, managedPolicyFinding } from '../findings';
import { resourceOf } from '../resource-of';

/** How nodes are paid: by the second, by the second while AWS can spare them, or ahead for a time. */
export type NodeCapacity =
  | 'on-demand'
  | 'spot'
  /**
   * Id of a Capacity Block that was bought, such as cr-0123456789abcdef0: the group can only grow while it lasts. They
   * are sold of the largest GPUs only.
   */
  | { readonly capacityBlock: string };

/** Props that all groups of nodes share. */
export interface NodeGroupProps {
  readonly cluster: ICluster;

  /**
   * Names of EC2 instance types as in the table of lib/plan, best first, alike in architecture, vCPUs and GPUs, none
   * with less memory than the first: the autoscaler takes each node for one of the first type. With GPUs, which are used
   * up first, there may be more vCPUs, too.
   */
  readonly instanceTypes: readonly string[];

  /** Nodes that there always are, and that a new group has; see {@link NodeGroup} on changing it. */
  readonly minNodes: number;

  /** Nodes that it never exceeds; see {@link NodeGroup} on changing it. */
  readonly maxNodes: number;

  /** @default 'on-demand' */
  readonly capacity?: NodeCapacity;

  /**
   * Encrypted disk of a node for images, logs and the models of its pods, in GiB.
   * @default 50, or 100 with GPUs
   */
  readonly diskGiB?: number;

  /**
   * Labels of the nodes.
   * @default none
   */
  readonly labels?: Readonly<Record<string, string>>;

  /**
   * Key of a taint that keeps pods away that do not tolerate it.
   * @default none
   */
  readonly taint?: string;
}

const AMI_TYPES: Readonly<Record<Architecture, string>> = {
  x86_64: 'AL2023_x86_64_STANDARD',
  arm64: 'AL2023_ARM_64_STANDARD',
};
/** Named always: left out, nodes with GPUs get an image of Amazon Linux 2, which is no longer made. */
const GPU_AMI_TYPE = 'AL2023_x86_64_NVIDIA';

/**
 * Of a group without nodes the autoscaler knows all but the disk. Pods that ask for room on it would wait for ever: it
 * takes nodes to have none unless this tag tells.
 */
const DISK_TAG = 'k8s.io/cluster-autoscaler/node-template/resources/ephemeral-storage';

const NODE_POLICIES = ['AmazonEKSWorkerNodePolicy', 'AmazonEKS_CNI_Policy', 'AmazonEC2ContainerRegistryPullOnly'];

/**
 * Alike nodes in private subnets, as a managed node group. Disks are encrypted, and pods cannot reach the metadata
 * service, that is, the node's own role.
 *
 * Their number between the bounds belongs to the autoscaler. EKS makes no group without a number, so the template says
 * the smallest; a deployment that changes the group may begin there again, and the autoscaler adds what pods ask for.
 * (EKS API, NodegroupScalingConfig: "When creating a node group, you must specify all or none of the properties.")
 */
export class NodeGroup extends Construct {
  readonly role: Role;
  /** The group itself, for what must wait for its nodes. */
  readonly resource: CfnResource;

  /** @throws PropsError for types that do not go together, or bounds that AWS would refuse */
  constructor(scope: Construct, id: string, props: NodeGroupProps) {
    super(scope, id);
    const { cluster, minNodes, maxNodes, capacity = 'on-demand' } = props;
    const type = checkTypes(this, props.instanceTypes);
    checkBounds(this, minNodes, maxNodes);
    this.role = this.#role();
    const diskGiB = props.diskGiB ?? (type.gpu ? 100 : 50);
    const template = this.#launchTemplate(diskGiB);
    if (typeof capacity === 'object') reserve(this, template, capacity.capacityBlock, props.instanceTypes);
    if (capacity === 'spot' && props.instanceTypes.length < 2) {
      const allowed = 'at least two: AWS seldom takes back all of several types at once';
      throw new PropsError(`${where(this)}.instanceTypes`, `${type.name} alone on spot`, allowed);
    }
    const subnets = cluster.vpc.selectSubnets({ subnetType: SubnetType.PRIVATE_WITH_EGRESS });
    const group = new CfnNodegroup(this, 'group', {
      clusterName: cluster.clusterName,
      nodeRole: this.role.roleArn,
      subnets: subnets.subnetIds,
      amiType: type.gpu ? GPU_AMI_TYPE : AMI_TYPES[type.architecture],
      capacityType: capacityType(capacity),
      // A block names its type in the launch template.
      ...(typeof capacity === 'object' ? {} : { instanceTypes: [...props.instanceTypes] }),
      launchTemplate: { id: template.launchTemplateId, version: template.latestVersionNumber },
      scalingConfig: { minSize: minNodes, desiredSize: minNodes, maxSize: maxNodes },
      // An update waits for disruption budgets and fails rather than breaks them.
      forceUpdateEnabled: false,
      updateConfig: { maxUnavailable: 1 },
      nodeRepairConfig: { enabled: true },
      tags: { [DISK_TAG]: `${roomOnDiskGiB(diskGiB)}Gi` },
      ...(props.labels && { labels: { ...props.labels } }),
      ...(props.taint && { taints: [{ key: props.taint, value: 'true', effect: 'NO_SCHEDULE' }] }),
    });
    group.node.addDependency(subnets.internetConnectivityEstablished, this.role);
    this.resource = group;
  }

  #role(): Role {
    const role = new Role(this, 'role', {
      assumedBy: new ServicePrincipal('ec2.amazonaws.com'),
      description: 'Nodes of EKS: join the cluster, give addresses to pods, pull images',
      managedPolicies: NODE_POLICIES.map((name) => ManagedPolicy.fromAwsManagedPolicyName(name)),
    });
    for (const name of NODE_POLICIES) {
      acknowledge(
        role,
        managedPolicyFinding(name),
        'what EKS asks of the role of nodes; AWS keeps it in step with its agents',
      );
    }
    return role;
  }

  #launchTemplate(diskGiB: number): LaunchTemplate {
    return new LaunchTemplate(this, 'launch-template', {
      httpTokens: LaunchTemplateHttpTokens.REQUIRED,
      // One hop ends at the node: pods have a network of their own and are one further.
      httpPutResponseHopLimit: 1,
      blockDevices: [
        {
          deviceName: '/dev/xvda',
          volume: BlockDeviceVolume.ebs(diskGiB, {
            encrypted: true,
            volumeType: EbsDeviceVolumeType.GP3,
            deleteOnTermination: true,
          }),
        },
      ],
    });
  }
}

function where(group: Construct): string {
  return `NodeGroup '${group.node.path}'`;
}

/** The first of the types, for which the autoscaler takes all of them. */
function checkTypes(group: Construct, names: readonly string[]): InstanceType {
  const prop = `${where(group)}.instanceTypes`;
  const types = names.map((name) => {
    const type = instanceType(name);
    if (type === undefined) throw new PropsError(prop, name, 'a type of the table in lib/plan/instance-types.ts');
    return type;
  });
  const [first] = types;
  if (first === undefined) throw new PropsError(prop, 'an empty list', 'at least one instance type');
  const unlike = types.find(
    (type) =>
      type.architecture !== first.architecture ||
      (first.gpu ? type.vcpus < first.vcpus : type.vcpus !== first.vcpus) ||
      type.memoryGiB < first.memoryGiB ||
      type.gpu?.name !== first.gpu?.name ||
      type.gpu?.count !== first.gpu?.count,
  );
  if (unlike !== undefined) {
    const vcpus = first.gpu === undefined ? `${first.vcpus} vCPUs` : `at least ${first.vcpus} vCPUs`;
    const gpu = first.gpu === undefined ? 'no GPU' : `${first.gpu.count} × the GPU ${first.gpu.name}`;
    const allowed = `types alike to ${first.name}: ${first.architecture}, ${vcpus}, ${gpu}, at least ${first.memoryGiB} GiB`;
    throw new PropsError(prop, unlike.name, allowed);
  }
  return first;
}

function checkBounds(group: Construct, minNodes: number, maxNodes: number): void {
  if (!Number.isInteger(minNodes) || minNodes < 0) {
    throw new PropsError(`${where(group)}.minNodes`, minNodes, 'a whole number from 0');
  }
  if (!Number.isInteger(maxNodes) || maxNodes < Math.max(1, minNodes)) {
    throw new PropsError(`${where(group)}.maxNodes`, maxNodes, `a whole number from ${Math.max(1, minNodes)}`);
  }
}

function capacityType(capacity: NodeCapacity): string {
  if (typeof capacity === 'object') return 'CAPACITY_BLOCK';
  return capacity === 'spot' ? 'SPOT' : 'ON_DEMAND';
}

/** What kubelet leaves to pods: a tenth stays free, or it would evict them, and 1 GiB is its own. */
function roomOnDiskGiB(diskGiB: number): number {
  return Math.floor(diskGiB * 0.9) - 1;
}

/** What EKS asks of a launch template for nodes of a Capacity Block. */
function reserve(group: Construct, template: LaunchTemplate, block: string, types: readonly string[]): void {
  if (!/^cr-[0-9a-f]{17}$/.test(block)) {
    throw new PropsError(`${where(group)}.capacity`, block, 'the id of a Capacity Block such as cr-0123456789abcdef0');
  }
  if (types.length > 1) {
    throw new PropsError(`${where(group)}.instanceTypes`, types.join(', '), 'the one type of the Capacity Block');
  }
  const soldAhead = TYPES_SOLD_AHEAD.map(({ name }) => name);
  const unsold = types.find((name) => !soldAhead.includes(name));
  if (unsold !== undefined) {
    const allowed = `a type of which Capacity Blocks are sold: ${soldAhead.join(', ')}`;
    throw new PropsError(`${where(group)}.instanceTypes`, unsold, allowed);
  }
  const resource = resourceOf(template, CfnLaunchTemplate);
  resource.addPropertyOverride('LaunchTemplateData.InstanceType', types[0]);
  resource.addPropertyOverride('LaunchTemplateData.InstanceMarketOptions', { MarketType: 'capacity-block' });
  resource.addPropertyOverride('LaunchTemplateData.CapacityReservationSpecification', {
    CapacityReservationTarget: { CapacityReservationId: block },
  });
}
