import { Fn, RemovalPolicy } from 'aws-cdk-lib';
import {
  FlowLogDestination,
  FlowLogTrafficType,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

export interface NetworkProps {
  /**
   * Addresses of the VPC, as a network of at most /18: pods take addresses of their own.
   * @default 10.0.0.0/16
   */
  readonly cidr?: string;

  /**
   * NAT gateways, 1 to 3: with one, the loss of its zone takes the way out from all zones.
   * @default 3, one in each zone
   */
  readonly natGateways?: number;

  /**
   * Whether the AWS services that nodes and pods call are reached without leaving the VPC. Each of them costs as long
   * as it exists; without, that traffic takes the NAT gateways. S3 and DynamoDB are always reached from within, free.
   * @default true
   */
  readonly interfaceEndpoints?: boolean;

  /**
   * How long records of who talked to whom are kept.
   * @default one month
   */
  readonly flowLogRetention?: RetentionDays;

  /**
   * What becomes of these records when the stack is deleted.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

const ZONES = 3;

/** What nodes and pods of EKS call: images, logs and metrics, credentials, the cluster and its load balancers. */
const INTERFACE_ENDPOINTS = {
  ecr: InterfaceVpcEndpointAwsService.ECR,
  'ecr-docker': InterfaceVpcEndpointAwsService.ECR_DOCKER,
  logs: InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
  monitoring: InterfaceVpcEndpointAwsService.CLOUDWATCH_MONITORING,
  sts: InterfaceVpcEndpointAwsService.STS,
  ec2: InterfaceVpcEndpointAwsService.EC2,
  eks: InterfaceVpcEndpointAwsService.EKS,
  'eks-auth': InterfaceVpcEndpointAwsService.EKS_AUTH,
  'load-balancing': InterfaceVpcEndpointAwsService.ELASTIC_LOAD_BALANCING,
};

/**
 * A VPC over three zones: public subnets that hold nothing but NAT gateways, private ones for nodes, pods and load
 * balancers, and isolated ones without a way out for caches. All traffic is logged.
 */
export class Network extends Construct {
  readonly vpc: IVpc;

  constructor(scope: Construct, id: string, props: NetworkProps = {}) {
    super(scope, id);
    const { cidr = '10.0.0.0/16', removalPolicy = RemovalPolicy.RETAIN } = props;
    const vpc = new Vpc(this, 'vpc', {
      ipAddresses: IpAddresses.cidr(cidr),
      availabilityZones: threeZones(),
      natGateways: props.natGateways ?? ZONES,
      subnetConfiguration: [
        { name: 'public', subnetType: SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false },
        { name: 'private', subnetType: SubnetType.PRIVATE_WITH_EGRESS },
        { name: 'isolated', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 24 },
      ],
      restrictDefaultSecurityGroup: true,
      gatewayEndpoints: {
        s3: { service: GatewayVpcEndpointAwsService.S3 },
        dynamodb: { service: GatewayVpcEndpointAwsService.DYNAMODB },
      },
    });
    const records = new LogGroup(this, 'flow-log-group', {
      retention: props.flowLogRetention ?? RetentionDays.ONE_MONTH,
      removalPolicy,
    });
    vpc.addFlowLog('flow-log', {
      destination: FlowLogDestination.toCloudWatchLogs(records),
      trafficType: FlowLogTrafficType.ALL,
    });
    if (props.interfaceEndpoints ?? true) this.#addInterfaceEndpoints(vpc, cidr);
    this.vpc = vpc;
  }

  #addInterfaceEndpoints(vpc: Vpc, cidr: string): void {
    const securityGroup = new SecurityGroup(this, 'endpoints-security-group', {
      vpc,
      description: 'AWS services within the VPC',
      allowAllOutbound: false,
    });
    securityGroup.addIngressRule(Peer.ipv4(cidr), Port.HTTPS, 'from the VPC');
    for (const [name, service] of Object.entries(INTERFACE_ENDPOINTS)) {
      vpc.addInterfaceEndpoint(name, { service, securityGroups: [securityGroup], open: false });
    }
  }
}

/**
 * The first three zones of whatever region and account it is deployed to; which they are is known only there. A stack
 * with an account should give them as its `availabilityZones`, or CDK asks AWS for them at synthesis.
 */
export function threeZones(): string[] {
  return Array.from({ length: ZONES }, (_, index) => Fn.select(index, Fn.getAzs()));
}
