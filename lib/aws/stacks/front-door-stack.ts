import { Annotations, CfnOutput } from 'aws-cdk-lib';
import { AaaaRecord, ARecord, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { CloudFrontTarget } from 'aws-cdk-lib/aws-route53-targets';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { AwsSpec } from '../checks';
import { Entrance, type EntranceOrigin } from '../constructs/entrance';
import { Firewall } from '../constructs/firewall';
import { FrontDoorAlarms } from '../constructs/front-door-alarms';
import { FrontDoorDashboard } from '../constructs/front-door-dashboard';
import { EDGE_REGION } from '../edge/edge-region';
import type { ObservedFrontDoor } from '../edge/metric';
import { firewallRates } from '../firewall/rates';
import { frontDoorReason } from '../front-door-reason';
import { domainOf } from './domain';
import { PlatformStack } from './platform-stack';

export interface FrontDoorStackProps {
  readonly spec: AwsSpec;
  /** The regions that serve, the default first. */
  readonly origins: readonly EntranceOrigin[];
  /** Where alarms go, in the region of CloudFront. */
  readonly topic: ITopic;
}

/** The one way into all regions, for the tier in which CloudFront takes the place of the API gateways. */
export class FrontDoorStack extends PlatformStack {
  constructor(scope: Construct, { spec, origins, topic }: FrontDoorStackProps) {
    super(scope, 'front-door', { spec, region: EDGE_REGION }, 'the way into all regions, at the edge');
    const domain = domainOf(this, spec);
    const { removalPolicy } = this;
    const firewall = new Firewall(this, 'firewall', {
      scope: 'cloudfront',
      removalPolicy,
      ...firewallRates(spec.consumers),
    });
    const { distribution, keys, functionName } = new Entrance(this, 'entrance', {
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
    this.#watch(spec, { distribution, functionName, firewall: firewall.observed, p95Ms: slowestP95Ms(spec) }, topic);
  }

  #watch({ name }: AwsSpec, frontDoor: ObservedFrontDoor, topic: ITopic): void {
    const { alarms } = new FrontDoorAlarms(this, 'alarms', { frontDoor, topic });
    new FrontDoorDashboard(this, 'dashboard', { title: `${name}: front door`, frontDoor, alarms });
  }
}

/** CloudFront tells models not apart. Undefined where a pool may take any time. */
function slowestP95Ms({ pools }: AwsSpec): number | undefined {
  const each = pools.flatMap(({ slo }) => slo?.p95Ms ?? []);
  return each.length < pools.length ? undefined : Math.max(...each);
}
