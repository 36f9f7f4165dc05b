import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { EdgeOrigin } from '../constructs/edge-origin';
import type { EntranceOrigin } from '../constructs/entrance';
import { LoadBalancer } from '../constructs/load-balancer';
import { domainOf } from './domain';
import { type PlatformRegion, PlatformStack } from './platform-stack';

export interface EdgeStackProps extends PlatformRegion {
  readonly vpc: IVpc;
}

/** The way into one region, down to the load balancer. */
export class EdgeStack extends PlatformStack {
  readonly loadBalancer: LoadBalancer;
  /** For the front door of all regions; undefined where each has its own. */
  readonly entranceOrigin: EntranceOrigin | undefined;

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
    if (this.design.frontDoor === 'cloudfront') this.entranceOrigin = this.#entranceOrigin(place.region);
  }

  #entranceOrigin(region: string): EntranceOrigin {
    const { alb } = this.loadBalancer;
    const { vpcOrigin } = new EdgeOrigin(this, 'edge-origin', this.loadBalancer);
    return { region, vpcOrigin, domainName: alb.loadBalancerDnsName };
  }
}
