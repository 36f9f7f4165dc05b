import { Annotations, CfnOutput } from 'aws-cdk-lib';
import { AaaaRecord, ARecord, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { CloudFrontTarget } from 'aws-cdk-lib/aws-route53-targets';
import type { Construct } from 'constructs';
import type { AwsSpec } from '../checks';
import { Entrance, type EntranceOrigin } from '../constructs/entrance';
import { Firewall } from '../constructs/firewall';
import { firewallRates } from '../firewall/rates';
import { frontDoorReason } from '../front-door-reason';
import { domainOf } from './domain';
import { PlatformStack } from './platform-stack';

export interface FrontDoorStackProps {
  readonly spec: AwsSpec;
  /** The regions that serve, the default first. */
  readonly origins: readonly EntranceOrigin[];
}

/** Where CloudFront takes certificates and web ACLs from. */
const REGION = 'us-east-1';

/** The one way into all regions, for the tier in which CloudFront takes the place of the API gateways. */
export class FrontDoorStack extends PlatformStack {
  constructor(scope: Construct, { spec, origins }: FrontDoorStackProps) {
    super(scope, 'front-door', { spec, region: REGION }, 'the way into all regions, at the edge');
    const domain = domainOf(this, spec);
    const { removalPolicy } = this;
    const firewall = new Firewall(this, 'firewall', {
      scope: 'cloudfront',
      removalPolicy,
      ...firewallRates(spec.consumers),
    });
    const { distribution, keys } = new Entrance(this, 'entrance', {
      origins,
      webAclArn: firewall.webAclArn,
      removalPolicy,
      ...(domain && { domain }),
    });
    if (domain !== undefined) {
      const record = {
        zone: domain.zone,
        recordName: domain.name,
        target: RecordTarget.fromAlias(new CloudFrontTarget(distribution)),
      };
      new ARecord(this, 'ipv4', record);
      new AaaaRecord(this, 'ipv6', record);
    }
    new CfnOutput(this, 'Endpoint', { value: `https://${domain?.name ?? distribution.distributionDomainName}` });
    new CfnOutput(this, 'KeyStoreArn', { value: keys.keyValueStoreArn });
    Annotations.of(this).addInfo(frontDoorReason(spec.peakQps));
  }
}
