import { KubectlV36Layer } from '@aws-cdk/lambda-layer-kubectl-v36';
import { CfnCondition, RemovalPolicy, Size, Token } from 'aws-cdk-lib';
import { type IVpc, Peer, Port, SecurityGroup, SubnetType } from 'aws-cdk-lib/aws-ec2';
import {
  AccessPolicy,
  AccessScopeType,
  CfnAddon,
  Cluster,
  ClusterLoggingTypes,
  DefaultCapacityType,
  EndpointAccess,
  KubernetesVersion,
} from 'aws-cdk-lib/aws-eks-v2';
import { CfnRole, type IRole, ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { PropsError } from '../errors';
import { acknowledge, managedPolicyFinding, wildcardFinding } from '../findings';
import { namedLogGroup } from '../named-log-group';
import { resourceOf } from '../resource-of';
import { NodeGroup } from './node-group';

export interface InferenceClusterProps {
  readonly vpc: IVpc;

  /** Name of the cluster, as `aws eks update-kubeconfig --name` takes it. */
  readonly clusterName: string;

  /**
   * Roles that may do everything in the cluster.
   * @default none: only this stack can, until an access entry is made
   */
  readonly administrators?: readonly IRole[];

  /**
   * Networks from which the Kubernetes API is reached from outside the VPC, as 203.0.113.0/24.
   * @default none: it is reached from within the VPC only
   */
  readonly publicAccessCidrs?: readonly string[];

  /**
   * Nodes for what the cluster itself needs, of two vCPUs or more; further ones come when they are full. With one, the
   * loss of its zone stops scaling, not serving.
   * @default 2
   */
  readonly systemNodes?: number;

  /**
   * Names of EC2 instance types of those nodes. All nodes of a cluster should have one architecture: replicas may land
   * on any of them, and their image is made for one.
   * @default ['m7g.large']
   */
  readonly systemInstanceTypes?: readonly string[];

  /**
   * Key by which the secrets of Kubernetes are encrypted. Another one later means another cluster.
   * @default a key of its own, rotated each year
   */
  readonly secretsKey?: IKey;

  /**
   * How long the log of the control plane is kept.
   * @default three months
   */
  readonly logRetention?: RetentionDays;

  /**
   * What becomes of key and log when the stack is deleted.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** Further system nodes that the autoscaler may add. */
const SPARE_SYSTEM_NODES = 2;

/** helm unpacks charts of many megabytes of resource definitions in memory. */
const KUBECTL_MEMORY = Size.mebibytes(2048);

/** Limit of EKS. */
const CLUSTER_NAME = /^[0-9A-Za-z][-0-9A-Za-z_]{0,99}$/;

/**
 * A Kubernetes cluster on EKS with nodes for its own needs. Nobody gets in by default: API within the VPC, no
 * administrators, encrypted secrets, everything logged. Its add-ons are managed by EKS: network with network policies,
 * DNS, identities for pods, resource metrics. Nodes for the workload are added by {@link CpuNodes} and
 * {@link GpuNodes}; Helm charts and manifests wait for the nodes and add-ons that are in here.
 */
export class InferenceCluster extends Construct {
  readonly cluster: Cluster;

  /** @throws PropsError for what EKS would refuse */
  constructor(scope: Construct, id: string, props: InferenceClusterProps) {
    super(scope, id);
    const { vpc, clusterName, removalPolicy = RemovalPolicy.RETAIN } = props;
    if (!Token.isUnresolved(clusterName) && !CLUSTER_NAME.test(clusterName)) {
      const allowed = 'at most 100 letters, digits, hyphens and underscores, a letter or digit first';
      throw new PropsError('InferenceCluster.clusterName', clusterName, allowed);
    }
    checkCidrs(props.publicAccessCidrs);
    // Made before the cluster: EKS would make it itself, to be kept for ever.
    const log = namedLogGroup(this, 'log', {
      logGroupName: `/aws/eks/${clusterName}/cluster`,
      retention: props.logRetention ?? RetentionDays.THREE_MONTHS,
      removalPolicy,
    });
    const kubectlSecurityGroup = new SecurityGroup(this, 'kubectl-security-group', {
      vpc,
      description: 'Deployments to the cluster',
      allowAllOutbound: false,
    });
    kubectlSecurityGroup.addEgressRule(Peer.anyIpv4(), Port.HTTPS, 'Kubernetes API, AWS APIs, repositories of charts');
    this.cluster = new Cluster(this, 'cluster', {
      vpc,
      vpcSubnets: [{ subnetType: SubnetType.PRIVATE_WITH_EGRESS }],
      clusterName,
      version: KubernetesVersion.V1_36,
      defaultCapacityType: DefaultCapacityType.NODEGROUP,
      defaultCapacity: 0,
      bootstrapClusterCreatorAdminPermissions: false,
      // They would be in the way of the managed ones.
      bootstrapSelfManagedAddons: false,
      endpointAccess: endpointAccess(props.publicAccessCidrs),
      secretsEncryptionKey: props.secretsKey ?? this.#secretsKey(removalPolicy),
      clusterLogging: Object.values(ClusterLoggingTypes),
      kubectlProviderOptions: {
        kubectlLayer: new KubectlV36Layer(this, 'kubectl'),
        memory: KUBECTL_MEMORY,
        securityGroups: [kubectlSecurityGroup],
      },
    });
    this.cluster.node.defaultChild?.node.addDependency(log);
    this.cluster.clusterSecurityGroup.addIngressRule(kubectlSecurityGroup, Port.HTTPS, 'deployments');
    for (const [index, role] of (props.administrators ?? []).entries()) this.#admit(index, role);
    this.#addNodesAndAddons(props);
    if (this.cluster.kubectlProvider) restrictKubectl(this.cluster.kubectlProvider);
    const reason = 'what EKS asks of the role of a control plane; AWS keeps it in step with it';
    acknowledge(this.cluster.role, managedPolicyFinding('AmazonEKSClusterPolicy'), reason);
    const untagged = 'Annotation::@aws-cdk/aws-eks:clusterMustManuallyTagSubnet';
    acknowledge(this.cluster, 'CloudFormation-Validate::W9009', 'CDK still writes the older of two equal forms');
    acknowledge(this.cluster, untagged, 'controllers in the cluster find subnets by tags only to make load balancers');
  }

  #secretsKey(removalPolicy: RemovalPolicy): Key {
    return new Key(this, 'secrets-key', {
      description: 'Secrets of Kubernetes',
      enableKeyRotation: true,
      removalPolicy,
    });
  }

  #admit(index: number, role: IRole): void {
    const policy = AccessPolicy.fromAccessPolicyName('AmazonEKSClusterAdminPolicy', {
      accessScopeType: AccessScopeType.CLUSTER,
    });
    this.cluster.grantAccess(`administrator-${index}`, role.roleArn, [policy]);
  }

  /** Nodes are ready only with a network; what runs as pods is ready only with nodes. */
  #addNodesAndAddons({ systemNodes = 2, systemInstanceTypes = ['m7g.large'] }: InferenceClusterProps): void {
    const onNodes = [
      this.#addon('vpc-cni', { enableNetworkPolicy: 'true' }),
      this.#addon('kube-proxy'),
      this.#addon('eks-pod-identity-agent'),
    ];
    const nodes = new NodeGroup(this, 'system-nodes', {
      cluster: this.cluster,
      instanceTypes: systemInstanceTypes,
      minNodes: systemNodes,
      maxNodes: systemNodes + SPARE_SYSTEM_NODES,
    });
    nodes.resource.node.addDependency(...onNodes);
    const inPods = [this.#addon('coredns'), this.#addon('metrics-server')];
    for (const addon of inPods) addon.node.addDependency(nodes.resource);
    // All that CDK applies by kubectl and helm waits for this resource of the cluster.
    this.cluster.node.findChild('KubectlReadyBarrier').node.addDependency(nodes, ...inPods);
  }

  /** In the version that EKS takes as the default for the cluster's own, which no table here could keep up with. */
  #addon(name: string, configuration?: Readonly<Record<string, string>>): CfnAddon {
    return new CfnAddon(this, name, {
      addonName: name,
      clusterName: this.cluster.clusterName,
      resolveConflicts: 'OVERWRITE',
      ...(configuration && { configurationValues: JSON.stringify(configuration) }),
    });
  }
}

function checkCidrs(cidrs: readonly string[] = []): void {
  const all = cidrs.find((cidr) => cidr.endsWith('/0'));
  if (all === undefined) return;
  throw new PropsError('InferenceCluster.publicAccessCidrs', all, 'networks of those who administer the cluster');
}

function endpointAccess(publicCidrs: readonly string[] = []): EndpointAccess {
  if (publicCidrs.length === 0) return EndpointAccess.PRIVATE;
  return EndpointAccess.PUBLIC_AND_PRIVATE.onlyFrom(...publicCidrs);
}

/**
 * The Lambda functions that apply manifests and charts. They keep only the rights to log and to be in the VPC: CDK adds
 * those to pull charts from ECR, and there are none there.
 */
function restrictKubectl(provider: Construct): void {
  const handler = provider.node.findChild('Handler');
  const role = handler.node.findChild('ServiceRole');
  const policies = ['AWSLambdaBasicExecutionRole', 'AWSLambdaVPCAccessExecutionRole'].map(
    (name) => `service-role/${name}`,
  );
  resourceOf(role, CfnRole).managedPolicyArns = policies.map(
    (name) => ManagedPolicy.fromAwsManagedPolicyName(name).managedPolicyArn,
  );
  for (const name of policies) {
    acknowledge(provider, managedPolicyFinding(name), 'logging and network interfaces, which functions in a VPC need');
  }
  // By it CDK chooses those rights; one that nothing asks for is a finding of CloudFormation's rules.
  for (const child of provider.node.findAll()) {
    if (child instanceof CfnCondition) child.node.scope?.node.tryRemoveChild(child.node.id);
  }
  const versions = `${resourceOf(handler, CfnFunction).attrArn}:*`;
  acknowledge(provider, wildcardFinding(provider, versions), 'the versions of one function');
  acknowledge(provider, 'AwsSolutions-L1', 'CDK sets the runtime, the newest that its code is tested with');
}
