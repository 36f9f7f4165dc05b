import { Duration } from 'aws-cdk-lib';
import {
  CfnMethod,
  ConnectionType,
  Integration,
  IntegrationType,
  type IResource,
  type IVpcLink,
  type Method,
  type MethodOptions,
  ResponseTransferMode,
  VpcLink as RestVpcLink,
} from 'aws-cdk-lib/aws-apigateway';
import { VpcLink } from 'aws-cdk-lib/aws-apigatewayv2';
import { type IVpc, Port, SecurityGroup, SubnetType } from 'aws-cdk-lib/aws-ec2';
import type { IApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import type { ApiRoute } from './api-routes';

export interface LoadBalancerLinkProps {
  readonly vpc: IVpc;
  readonly loadBalancer: IApplicationLoadBalancer;
  /**
   * Name in its certificate.
   * @default none: HTTP
   */
  readonly loadBalancerTlsName?: string;
}

/** The way of a REST API to an internal load balancer: a VPC link of the newer kind, which needs no other in between. */
export class LoadBalancerLink extends Construct {
  readonly #loadBalancer: IApplicationLoadBalancer;
  readonly #origin: string;
  readonly #vpcLink: IVpcLink;

  constructor(scope: Construct, id: string, { vpc, loadBalancer, loadBalancerTlsName }: LoadBalancerLinkProps) {
    super(scope, id);
    const isTls = loadBalancerTlsName !== undefined;
    const securityGroup = new SecurityGroup(this, 'security-group', {
      vpc,
      description: 'Link from the API gateway to the load balancer',
      allowAllOutbound: false,
    });
    securityGroup.connections.allowTo(loadBalancer, Port.tcp(isTls ? 443 : 80), 'API gateway to load balancer');
    const link = new VpcLink(this, 'link', {
      vpc,
      subnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
      securityGroups: [securityGroup],
    });
    this.#loadBalancer = loadBalancer;
    this.#origin = isTls ? `https://${loadBalancerTlsName}` : `http://${loadBalancer.loadBalancerDnsName}`;
    this.#vpcLink = RestVpcLink.fromVpcLinkId(this, 'rest-link', link.vpcLinkId);
  }

  /** Adds a route whose requests reach the load balancer under the same method and path. */
  addMethod(resource: IResource, { method, path }: ApiRoute, timeoutMs: number, options: MethodOptions): Method {
    const variables = [...path.matchAll(/\{(\w+)\}/g)].flatMap(([, name]) => name ?? []);
    const integration = new Integration({
      type: IntegrationType.HTTP_PROXY,
      integrationHttpMethod: method,
      uri: `${this.#origin}${path}`,
      options: {
        connectionType: ConnectionType.VPC_LINK,
        vpcLink: this.#vpcLink,
        timeout: Duration.millis(timeoutMs),
        requestParameters: Object.fromEntries(
          variables.map((name) => [`integration.request.path.${name}`, `method.request.path.${name}`]),
        ),
        // Buffered, binary tensors would come out as broken text for callers whose first accepted type is another.
        responseTransferMode: ResponseTransferMode.STREAM,
      },
    });
    const added = resource.addMethod(method, integration, {
      ...options,
      requestParameters: Object.fromEntries(variables.map((name) => [`method.request.path.${name}`, true])),
    });
    const { defaultChild } = added.node;
    if (defaultChild instanceof CfnMethod) {
      // Without it, the link is taken for one of the older kind, which knows network load balancers only.
      defaultChild.addPropertyOverride('Integration.IntegrationTarget', this.#loadBalancer.loadBalancerArn);
    }
    return added;
  }
}
