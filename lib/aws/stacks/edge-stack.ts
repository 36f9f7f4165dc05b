import { CfnOutput } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { AaaaRecord, ARecord, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { ApiGateway as GatewayTarget } from 'aws-cdk-lib/aws-route53-targets';
import type { Construct } from 'constructs';
import { ApiGateway, MAX_TIMEOUT_MS } from '../constructs/api-gateway';
import { EdgeOrigin } from '../constructs/edge-origin';
import type { EntranceOrigin } from '../constructs/entrance';
import { Firewall } from '../constructs/firewall';
import { GatewayDelivery } from '../constructs/gateway-delivery';
import { LoadBalancer } from '../constructs/load-balancer';
import { deliversLogsTo } from '../edge/log-regions';
import type { ObservedFirewall } from '../firewall/metric';
import { firewallRates } from '../firewall/rates';
import type { ObservedGateway } from '../gateway/metric';
import { authorizationOf } from './authorization';
import { type Domain, domainOf } from './domain';
import { type PlatformRegion, PlatformStack } from './platform-stack';

export interface EdgeStackProps extends PlatformRegion {
  readonly vpc: IVpc;
}

/** Milliseconds that the gateway waits longer than the answer helps, so that the service's own refusal comes first. */
const GATEWAY_GRACE_MS = 1000;

/** The way into one region: the API gateway, where the tier has one, and the load balancer. */
export class EdgeStack extends PlatformStack {
  readonly loadBalancer: LoadBalancer;
  /** For the front door of all regions; undefined where the region has its own. */
  readonly entranceOrigin: EntranceOrigin | undefined;
  /** Undefined where CloudFront takes its place. */
  readonly gateway: ObservedGateway | undefined;
  /** Undefined where that of CloudFront takes its place. */
  readonly firewall: ObservedFirewall | undefined;

  constructor(scope: Construct, { vpc, ...place }: EdgeStackProps) {
    super(scope, 'edge', place, 'the way in, down to the load balancer');
    const domain = domainOf(this, place.spec);
    this.loadBalancer = new LoadBalancer(this, 'load-balancer', {
      vpc,
      pools: place.spec.pools,
      deletionProtection: place.spec.aws.environment === 'prod',
      removalPolicy: this.removalPolicy,
      ...(domain && { certificate: domain.certificate }),
    });
    if (this.design.frontDoor === 'cloudfront') {
      this.entranceOrigin = this.#entranceOrigin(place.region);
    } else {
      const { gateway, firewall } = this.#addGateway(place, vpc, domain);
      this.gateway = gateway;
      this.firewall = firewall;
    }
  }

  #entranceOrigin(region: string): EntranceOrigin {
    const { vpcOrigin } = new EdgeOrigin(this, 'edge-origin', this.loadBalancer);
    return { region, vpcOrigin, domainName: this.loadBalancer.alb.loadBalancerDnsName };
  }

  #addGateway({ spec, region }: PlatformRegion, vpc: IVpc, domain: Domain | undefined) {
    const authorization = authorizationOf(this, spec);
    const { api, stage } = new ApiGateway(this, 'gateway', {
      vpc,
      loadBalancer: this.loadBalancer.alb,
      models: spec.models.map(({ name }) => name),
      consumers: spec.consumers,
      authorization,
      removalPolicy: this.removalPolicy,
      timeoutMs: gatewayTimeoutMs(spec.models.map(({ slo }) => slo?.acceptableMs)),
      ...(domain && { loadBalancerTlsName: domain.name, domain }),
    });
    // Usage plans hold each key to its rate.
    const requestsPerMinutePerAddress = firewallRates(spec.consumers)?.requestsPerMinutePerAddress;
    const firewall = new Firewall(this, 'firewall', {
      removalPolicy: this.removalPolicy,
      ...(requestsPerMinutePerAddress !== undefined && { requestsPerMinutePerAddress }),
    });
    firewall.protect('gateway-firewall', stage.stageArn);
    if (domain !== undefined) {
      const target = RecordTarget.fromAlias(new GatewayTarget(api));
      new ARecord(this, 'ipv4', { zone: domain.zone, recordName: domain.name, target });
      new AaaaRecord(this, 'ipv6', { zone: domain.zone, recordName: domain.name, target });
    }
    new CfnOutput(this, 'Endpoint', { value: domain === undefined ? api.url : `https://${domain.name}` });
    if (authorization.type === 'iam') {
      new CfnOutput(this, 'InvokeArn', { value: api.arnForExecuteApi('*', '/*', stage.stageName) });
    } else if (this.design.edgeCache && deliversLogsTo(region)) {
      const { distribution } = new GatewayDelivery(this, 'gateway-delivery', {
        api,
        removalPolicy: this.removalPolicy,
      });
      new CfnOutput(this, 'CachedEndpoint', { value: `https://${distribution.distributionDomainName}` });
    }
    return { gateway: { api, stage }, firewall: firewall.observed };
  }
}

/** Of the slowest model; the gateway's longest where one has no limit of its own. */
function gatewayTimeoutMs(acceptableMs: readonly (number | undefined)[]): number {
  const slowest = Math.max(...acceptableMs.map((each) => each ?? MAX_TIMEOUT_MS));
  return Math.min(Math.ceil(slowest) + GATEWAY_GRACE_MS, MAX_TIMEOUT_MS);
}
