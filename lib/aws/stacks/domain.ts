import { Certificate, CertificateValidation, type ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { HostedZone, type IHostedZone } from 'aws-cdk-lib/aws-route53';
import type { Construct } from 'constructs';
import type { AwsSpec } from '../checks';

/** The name of the endpoint, as one stack knows it. */
export interface Domain {
  readonly name: string;
  readonly zone: IHostedZone;
  /** Made in the region of the stack, and proved by a record in the zone. */
  readonly certificate: ICertificate;
}

/** Undefined where the spec has no domain. */
export function domainOf(scope: Construct, { aws: { domain, hostedZone } }: AwsSpec): Domain | undefined {
  if (domain === undefined || hostedZone === undefined) return undefined;
  const zone = HostedZone.fromHostedZoneAttributes(scope, 'zone', {
    zoneName: hostedZone.name,
    hostedZoneId: hostedZone.id,
  });
  const certificate = new Certificate(scope, 'certificate', {
    domainName: domain,
    validation: CertificateValidation.fromDns(zone),
  });
  return { name: domain, zone, certificate };
}
