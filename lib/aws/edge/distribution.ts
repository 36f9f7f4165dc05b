import { RemovalPolicy } from 'aws-cdk-lib';
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { type DistributionProps, HttpVersion, SecurityPolicyProtocol } from 'aws-cdk-lib/aws-cloudfront';
import type { Construct } from 'constructs';
import { acknowledge } from '../findings';
import { FRESH_ERRORS } from './cached-predictions';
import { distributionLogs } from './distribution-logs';

/** What whoever uses a construct with a distribution may choose. */
export interface EdgeProps {
  /**
   * Name under which clients come, with its certificate in us-east-1.
   * @default the name that CloudFront gives
   */
  readonly domain?: { readonly name: string; readonly certificate: ICertificate };

  /**
   * ARN of a web ACL of the scope CLOUDFRONT.
   * @default none
   */
  readonly webAclArn?: string;

  /**
   * What becomes of the logs when the stack is deleted.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** What all distributions have in common: logs, errors that are not kept, the newest protocols, TLS 1.2 for a domain. */
export function edgeDistribution(
  scope: Construct,
  { domain, webAclArn, removalPolicy = RemovalPolicy.RETAIN }: EdgeProps,
): Omit<DistributionProps, 'defaultBehavior'> {
  if (domain === undefined) {
    acknowledge(
      scope,
      'AwsSolutions-CFR4',
      'with the name that CloudFront gives, the protocol is its own to choose; a domain asks for TLS 1.2',
    );
  }
  return {
    httpVersion: HttpVersion.HTTP2_AND_3,
    errorResponses: FRESH_ERRORS,
    enableLogging: true,
    logBucket: distributionLogs(scope, removalPolicy),
    ...(domain && {
      domainNames: [domain.name],
      certificate: domain.certificate,
      minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
    }),
    ...(webAclArn !== undefined && { webAclId: webAclArn }),
  };
}
