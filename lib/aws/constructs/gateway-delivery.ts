import { Duration } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import {
  AllowedMethods,
  CachePolicy,
  Distribution,
  type IDistribution,
  OriginRequestPolicy,
  ResponseHeadersPolicy,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { RestApiOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { Construct } from 'constructs';
import { CACHEABLE_PATHS, cachedPredictions } from '../edge/cached-predictions';
import { type EdgeProps, edgeDistribution } from '../edge/distribution';
import { acknowledge } from '../findings';

export interface GatewayDeliveryProps extends EdgeProps {
  /**
   * The gateway, under the address that AWS gives it. Not with authorisation by IAM, whose signatures are for the name
   * that the caller sees.
   */
  readonly api: RestApi;

  /**
   * ARN of a web ACL of the scope CLOUDFRONT. Rates by address belong in here: behind CloudFront, a gateway sees only
   * CloudFront's.
   * @default none
   */
  readonly webAclArn?: string;
}

/** By which a gateway knows who calls. */
const CALLER_HEADERS = ['authorization', 'x-api-key'];

/** A gateway waits for 29 s at most. */
const READ_TIMEOUT = Duration.seconds(30);

/**
 * CloudFront in front of an API gateway: TLS near the caller, and predictions for an entity given again for as long as
 * the service's headers allow, to the caller who was given them. What is given again is no longer counted by the
 * gateway, neither in rates nor on its bill.
 */
export class GatewayDelivery extends Construct {
  readonly distribution: IDistribution;

  constructor(scope: Construct, id: string, { api, ...edge }: GatewayDeliveryProps) {
    super(scope, id);
    const uncached = {
      origin: new RestApiOrigin(api, { readTimeout: READ_TIMEOUT }),
      allowedMethods: AllowedMethods.ALLOW_ALL,
      viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
      cachePolicy: CachePolicy.CACHING_DISABLED,
      // A gateway knows itself by its own name only.
      originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
      responseHeadersPolicy: ResponseHeadersPolicy.SECURITY_HEADERS,
      compress: true,
    };
    this.distribution = new Distribution(this, 'distribution', {
      comment: 'Predictions',
      defaultBehavior: uncached,
      additionalBehaviors: {
        [CACHEABLE_PATHS]: {
          ...uncached,
          allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
          cachePolicy: cachedPredictions(this, CALLER_HEADERS),
        },
      },
      ...edgeDistribution(this, edge),
    });
    acknowledge(this, 'AwsSolutions-CFR1', 'callers are known by their keys; where they are is not for this construct');
  }
}
