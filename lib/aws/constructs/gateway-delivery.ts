import { Duration } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import {
  AllowedMethods,
  CachePolicy,
  Distribution,
  type IDistribution,
  type IOrigin,
  OriginProtocolPolicy,
  OriginRequestPolicy,
  OriginSslPolicy,
  ResponseHeadersPolicy,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin, RestApiOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { Construct } from 'constructs';
import { CACHEABLE_PATHS, cachedPredictions } from '../edge/cached-predictions';
import { type EdgeProps, edgeDistribution } from '../edge/distribution';
import { acknowledge } from '../findings';

export interface GatewayDeliveryProps extends EdgeProps {
  /**
   * The gateway. Not with authorisation by IAM, whose signatures are for the name that the caller sees.
   */
  readonly api: RestApi;

  /**
   * ARN of a web ACL of the scope CLOUDFRONT. Rates by address belong in here where all callers come this way: behind
   * CloudFront, a gateway sees only CloudFront's.
   * @default none: what is not given again passes the web ACL of the gateway
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
      origin: originOf(api),
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
    if (edge.webAclArn === undefined) {
      acknowledge(this, 'AwsSolutions-CFR2', 'the gateway has a web ACL of its own; another can be given');
    }
    acknowledge(this, 'AwsSolutions-CFR1', 'callers are known by their keys; where they are is not for this construct');
  }
}

/** A gateway with a domain of its own may be closed under the address that AWS gives it. */
function originOf(api: RestApi): IOrigin {
  if (api.domainName === undefined) return new RestApiOrigin(api, { readTimeout: READ_TIMEOUT });
  return new HttpOrigin(api.domainName.domainName, {
    readTimeout: READ_TIMEOUT,
    protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY,
    originSslProtocols: [OriginSslPolicy.TLS_V1_2],
  });
}
