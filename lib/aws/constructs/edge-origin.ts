import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import {
  type IVpcOrigin,
  OriginProtocolPolicy,
  OriginSslPolicy,
  VpcOrigin,
  VpcOriginEndpoint,
} from 'aws-cdk-lib/aws-cloudfront';
import { Peer, Port } from 'aws-cdk-lib/aws-ec2';
import type { ApplicationListener, ApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId } from 'aws-cdk-lib/custom-resources';
import { Construct } from 'constructs';

export interface EdgeOriginProps {
  /** Internal load balancer, in a VPC with an Internet gateway, through which nothing is routed. */
  readonly alb: ApplicationLoadBalancer;

  /** Its listener, for HTTPS or for HTTP. */
  readonly listener: ApplicationListener;
}

/** Addresses from which CloudFront calls origins; AWS keeps the list, under another id in each region. */
const CLOUDFRONT_PREFIX_LIST = 'com.amazonaws.global.cloudfront.origin-facing';

/**
 * Makes an internal load balancer an origin of CloudFront: reachable from the edge and from nowhere else on the
 * Internet. In the stack of the load balancer, because it must go before the load balancer can.
 */
export class EdgeOrigin extends Construct {
  readonly vpcOrigin: IVpcOrigin;

  constructor(scope: Construct, id: string, { alb, listener }: EdgeOriginProps) {
    super(scope, id);
    const port = listener.port;
    const https = port === 443;
    this.vpcOrigin = new VpcOrigin(this, 'vpc-origin', {
      endpoint: VpcOriginEndpoint.applicationLoadBalancer(alb),
      protocolPolicy: https ? OriginProtocolPolicy.HTTPS_ONLY : OriginProtocolPolicy.HTTP_ONLY,
      originSslProtocols: [OriginSslPolicy.TLS_V1_2],
    });
    // The listener must be there before the first request; the origin refers only to the load balancer.
    this.node.addDependency(listener);
    alb.connections.allowFrom(Peer.prefixList(this.#prefixListId()), Port.tcp(port), 'from CloudFront');
  }

  /** Asked for when it is deployed, because its id differs from region to region. */
  #prefixListId(): string {
    const call = {
      service: 'EC2',
      action: 'describeManagedPrefixLists',
      parameters: { Filters: [{ Name: 'prefix-list-name', Values: [CLOUDFRONT_PREFIX_LIST] }] },
      physicalResourceId: PhysicalResourceId.of(CLOUDFRONT_PREFIX_LIST),
      outputPaths: ['PrefixLists.0.PrefixListId'],
    };
    const logGroup = new LogGroup(this, 'log-group', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // Instead of the one that CDK makes, which may write to every log of the account.
    const role = new Role(this, 'role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    const question = new AwsCustomResource(this, 'prefix-list', {
      onUpdate: call,
      logGroup,
      role,
      installLatestAwsSdk: false,
      timeout: Duration.minutes(1),
      policy: AwsCustomResourcePolicy.fromStatements([
        new PolicyStatement({
          effect: Effect.ALLOW,
          actions: ['ec2:DescribeManagedPrefixLists'],
          resources: ['*'],
        }),
      ]),
    });
    Validations.of(question).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'ec2:DescribeManagedPrefixLists only reads, and takes no other resource',
    });
    return question.getResponseField('PrefixLists.0.PrefixListId');
  }
}
