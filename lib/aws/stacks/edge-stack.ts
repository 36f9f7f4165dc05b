import { Certificate, CertificateValidation } from 'aws-cdk-lib/aws-certificatemanager';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { HostedZone } from 'aws-cdk-lib/aws-route53';
import type { Construct } from 'constructs';
import { LoadBalancer } from '../constructs/load-balancer';
import { type PlatformRegion, PlatformStack } from './platform-stack';

export interface EdgeStackProps extends PlatformRegion {
  readonly vpc: IVpc;
}

/** The way in: who may call, how often, and which replicas answer. */
export class EdgeStack extends PlatformStack {
  readonly loadBalancer: LoadBalancer;

  constructor(scope: Construct, { vpc, ...place }: EdgeStackProps) {
    super(scope, 'edge', place, 'the way in, from the front door to the load balancer');
    const { domain, hostedZone } = place.spec.aws;
    const zone =
      hostedZone &&
      HostedZone.fromHostedZoneAttributes(this, 'zone', { zoneName: hostedZone.name, hostedZoneId: hostedZone.id });
    const certificate =
      domain === undefined
        ? undefined
        : new Certificate(this, 'certificate', {
            domainName: domain,
            validation: CertificateValidation.fromDns(zone),
          });
    this.loadBalancer = new LoadBalancer(this, 'load-balancer', {
      vpc,
      pools: place.spec.pools,
      deletionProtection: place.spec.aws.environment === 'prod',
      removalPolicy: this.removalPolicy,
      ...(certificate && { certificate }),
    });
  }
}
