import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { type ISecurityGroup, type IVpc, Peer, Port, SecurityGroup, SubnetType } from 'aws-cdk-lib/aws-ec2';
import {
  type ApplicationListener,
  ApplicationLoadBalancer,
  ApplicationProtocol,
  ApplicationTargetGroup,
  ListenerAction,
  ListenerCondition,
  SslPolicy,
  TargetGroupLoadBalancingAlgorithmType,
  TargetType,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { PATHS, PORTS, SHUTDOWN } from '../../contract';
import { PropsError } from '../errors';
import { withPriorities } from '../rule-priorities';

/** Replicas that serve the same models. */
export interface LoadBalancedPool {
  readonly name: string;
  /** Models whose requests go to it. */
  readonly models: readonly string[];
}

/** Who signs the tokens of callers. */
export interface JwtIssuer {
  /** The claim `iss`, a URL of at most 256 characters. */
  readonly issuer: string;
  /** Where its public keys are, over HTTPS on the Internet; RS256, at most ten. */
  readonly jwksUrl: string;
}

export interface LoadBalancerProps {
  readonly vpc: IVpc;

  /** Pools to which requests are distributed by the model in their path; requests without one go to the first. */
  readonly pools: readonly LoadBalancedPool[];

  /**
   * Certificate for TLS between the edge and the load balancer.
   * @default none: HTTP, inside the VPC only
   */
  readonly certificate?: ICertificate;

  /**
   * Whose tokens (header `authorization`) every request needs; only with a certificate.
   * @default requests need no token here
   */
  readonly jwt?: JwtIssuer;

  /**
   * Where the record of each request is kept; in the same region, encrypted with S3's own keys, because load balancers
   * cannot write to any other.
   * @default a bucket of its own that keeps them for 90 days
   */
  readonly accessLogs?: IBucket;

  /**
   * Whether it can be deleted only after that has been allowed.
   * @default true
   */
  readonly deletionProtection?: boolean;

  /**
   * What becomes of the bucket of access logs when the stack is deleted.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** Records of requests are kept for a quarter. */
const ACCESS_LOG_DAYS = 90;

/** Two looks 10 s apart: a replica that is ready serves after 20 s, one that fails is left out after 20. */
const HEALTH_CHECK = {
  path: PATHS.ready,
  interval: Duration.seconds(10),
  timeout: Duration.seconds(5),
  healthyThresholdCount: 2,
  unhealthyThresholdCount: 2,
} as const;

/**
 * An internal load balancer in front of replicas, one target group a pool. It lives outside the cluster, whose
 * load balancer controller enters the pods (TargetGroupBinding): deleting the cluster leaves none behind.
 * Who may call it is up to its `alb.connections`; at first nobody may.
 */
export class LoadBalancer extends Construct {
  readonly alb: ApplicationLoadBalancer;
  readonly listener: ApplicationListener;
  readonly securityGroup: ISecurityGroup;
  /** By the name of the pool. */
  readonly targetGroups: Readonly<Record<string, ApplicationTargetGroup>>;

  /** @throws PropsError where the listener could not tell the pools apart */
  constructor(scope: Construct, id: string, props: LoadBalancerProps) {
    super(scope, id);
    const { vpc, pools, jwt } = props;
    checkPools(pools);
    if (jwt && props.certificate === undefined) {
      throw new PropsError(
        'LoadBalancer.jwt',
        'an issuer without a certificate',
        'both: tokens are taken over TLS only',
      );
    }
    const securityGroup = new SecurityGroup(this, 'security-group', {
      vpc,
      description: 'Load balancer of the inference service',
      allowAllOutbound: false,
    });
    securityGroup.addEgressRule(Peer.ipv4(vpc.vpcCidrBlock), Port.tcp(PORTS.http), 'to the replicas');
    if (jwt) securityGroup.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'to the keys of the issuer of tokens');
    this.securityGroup = securityGroup;
    this.alb = new ApplicationLoadBalancer(this, 'alb', {
      vpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
      internetFacing: false,
      securityGroup,
      deletionProtection: props.deletionProtection ?? true,
      dropInvalidHeaderFields: true,
    });
    this.alb.logAccessLogs(props.accessLogs ?? this.#accessLogs(props.removalPolicy ?? RemovalPolicy.RETAIN));
    const targets = pools.map(({ name, models }) => ({ name, models, group: this.#targetGroup(vpc, name) }));
    this.targetGroups = Object.fromEntries(targets.map(({ name, group }) => [name, group]));
    const forward = (groups: ApplicationTargetGroup[]) => {
      const next = ListenerAction.forward(groups);
      return jwt ? ListenerAction.authenticateJwt({ issuer: jwt.issuer, jwksEndpoint: jwt.jwksUrl, next }) : next;
    };
    this.listener = this.#listener(props.certificate, forward(targets.map(({ group }) => group).slice(0, 1)));
    const routes = targets.flatMap(({ models, group }) => models.map((model) => ({ model, group })));
    for (const { model, group, priority } of withPriorities(routes)) {
      // One rule a model, because a rule holds five patterns and a model takes three.
      this.listener.addAction(`model-${model}`, {
        priority,
        conditions: [ListenerCondition.pathPatterns(modelPaths(model))],
        action: forward([group]),
      });
    }
  }

  #accessLogs(removalPolicy: RemovalPolicy): Bucket {
    const bucket = new Bucket(this, 'access-logs', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      lifecycleRules: [{ expiration: Duration.days(ACCESS_LOG_DAYS) }],
      removalPolicy,
      autoDeleteObjects: removalPolicy === RemovalPolicy.DESTROY,
    });
    Validations.of(bucket).acknowledge({ id: 'AwsSolutions-S1', reason: 'it holds logs, of which no logs are kept' });
    return bucket;
  }

  #targetGroup(vpc: IVpc, pool: string): ApplicationTargetGroup {
    return new ApplicationTargetGroup(this, `pool-${pool}`, {
      vpc,
      targetType: TargetType.IP,
      protocol: ApplicationProtocol.HTTP,
      port: PORTS.http,
      healthCheck: HEALTH_CHECK,
      // A replica that is slower than the others gets less, which taking turns does not see.
      loadBalancingAlgorithmType: TargetGroupLoadBalancingAlgorithmType.LEAST_OUTSTANDING_REQUESTS,
      // A replica answers for as long as this after it was told to end.
      deregistrationDelay: Duration.seconds(SHUTDOWN.preStopSeconds + SHUTDOWN.drainSeconds),
    });
  }

  #listener(certificate: ICertificate | undefined, defaultAction: ListenerAction): ApplicationListener {
    const tls = certificate && { certificates: [certificate], sslPolicy: SslPolicy.TLS13_12_RES_PQ };
    return this.alb.addListener('listener', {
      protocol: tls ? ApplicationProtocol.HTTPS : ApplicationProtocol.HTTP,
      ...tls,
      open: false,
      defaultAction,
    });
  }
}

/** All paths of a model in both protocols; one whose name is the beginning of another's keeps clear of it. */
function modelPaths(model: string): string[] {
  return ['', ':*', '/*'].map((rest) => `/v?/models/${model}${rest}`);
}

/** Rules of a load balancer, a quota that AWS raises on request. */
export const MAX_RULES = 100;

function checkPools(pools: readonly LoadBalancedPool[]): void {
  if (pools.length === 0) throw new PropsError('LoadBalancer.pools', 'an empty list', 'at least one pool');
  const models = pools.flatMap((pool) => pool.models);
  const twice = models.find((model, index) => models.indexOf(model) !== index);
  if (twice !== undefined) throw new PropsError('LoadBalancer.pools', `${twice} in two pools`, 'each model in one');
  if (models.length > MAX_RULES) {
    throw new PropsError('LoadBalancer.pools', `${models.length} models`, `at most ${MAX_RULES}, one rule each`);
  }
}
