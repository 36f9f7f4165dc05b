import { Duration } from 'aws-cdk-lib';
import {
  AllowedMethods,
  CachePolicy,
  Distribution,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  type IDistribution,
  type IKeyValueStore,
  type IOrigin,
  type IVpcOrigin,
  KeyValueStore,
  OriginRequestPolicy,
  PriceClass,
  ResponseHeadersPolicy,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { VpcOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { Construct } from 'constructs';
import { CACHEABLE_PATHS, cachedPredictions } from '../edge/cached-predictions';
import { type EdgeProps, edgeDistribution } from '../edge/distribution';
import { entranceCode, regionPath } from '../edge/entrance-code';
import { PropsError } from '../errors';
import { acknowledge } from '../findings';

/** One region that serves. */
export interface EntranceOrigin {
  readonly region: string;
  readonly vpcOrigin: IVpcOrigin;
  /** Name of its load balancer. */
  readonly domainName: string;
}

export interface EntranceProps extends EdgeProps {
  /** Regions that serve, the default first; a request goes to the nearest. */
  readonly origins: readonly EntranceOrigin[];
}

/** As long as the slowest model of a use case may take; CloudFront allows 60 s without a raised quota. */
const READ_TIMEOUT = Duration.seconds(30);
/** Below the 60 s after which a load balancer closes an idle connection. */
const KEEP_ALIVE = Duration.seconds(50);

/**
 * The way in of the largest systems: CloudFront in front of internal load balancers of one or more regions. It checks
 * the caller's key, keeps what the service lets caches keep, and sends the rest to the nearest region. What callers may
 * send is limited by the web ACL and by the service itself; there are no quotas by the day.
 *
 * For the stack in us-east-1, where the certificate and the web ACL must be.
 */
export class Entrance extends Construct {
  readonly distribution: IDistribution;
  /** Holds the SHA-256 of each API key, and which regions serve. Filled by whoever gives out keys: see docs/deploy.md. */
  readonly keys: IKeyValueStore;
  /** Name of the function that each request passes first, for alarms and dashboards. */
  readonly functionName: string;

  /** @throws PropsError for no origin, or one in a region whose place is not known */
  constructor(scope: Construct, id: string, props: EntranceProps) {
    super(scope, id);
    const { origins } = props;
    const regions = origins.map((origin) => ({ path: `${regionPath(origin.region)}*`, origin: toOrigin(origin) }));
    const [first] = regions;
    if (first === undefined) throw new PropsError('Entrance.origins', 'an empty list', 'at least one region');
    this.keys = new KeyValueStore(this, 'keys', { comment: 'SHA-256 of API keys, and the regions that serve' });
    const entrance = this.#function(origins.map(({ region }) => region));
    this.functionName = entrance.functionName;
    const functionAssociations = [{ eventType: FunctionEventType.VIEWER_REQUEST, function: entrance }];
    const nearest = { ...UNCACHED, origin: first.origin, functionAssociations };
    // The key is checked before the cache, and answers that differ by the caller are marked private, and not kept.
    const cachePolicy = cachedPredictions(this, []);
    this.distribution = new Distribution(this, 'distribution', {
      comment: 'Predictions',
      defaultBehavior: nearest,
      additionalBehaviors: {
        // Makes all regions origins, and lets each be tried before it serves.
        ...Object.fromEntries(regions.map(({ path, origin }) => [path, { ...nearest, origin }])),
        [CACHEABLE_PATHS]: { ...nearest, allowedMethods: AllowedMethods.ALLOW_GET_HEAD_OPTIONS, cachePolicy },
      },
      priceClass: PriceClass.PRICE_CLASS_ALL,
      // Latency of the origins and errors by status, for alarms: some 2 US dollars a month.
      publishAdditionalMetrics: true,
      ...edgeDistribution(this, props),
    });
    acknowledge(
      this,
      'AwsSolutions-CFR1',
      'callers are known by their keys; where they may come from is not for this construct to say',
    );
  }

  #function(regions: readonly string[]): EdgeFunction {
    return new EdgeFunction(this, 'function', {
      comment: 'Checks the key, and chooses the nearest region',
      code: FunctionCode.fromInline(entranceCode(regions)),
      runtime: FunctionRuntime.JS_2_0,
      keyValueStore: this.keys,
    });
  }
}

/** All that is not cached, and the rest of what behaviours share. */
const UNCACHED = {
  allowedMethods: AllowedMethods.ALLOW_ALL,
  cachePolicy: CachePolicy.CACHING_DISABLED,
  // With the place of the caller, by which the function chooses, and the name that the certificate is for.
  originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_AND_CLOUDFRONT_2022,
  responseHeadersPolicy: ResponseHeadersPolicy.SECURITY_HEADERS,
  viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
  compress: true,
} as const;

function toOrigin({ region, vpcOrigin, domainName }: EntranceOrigin): IOrigin {
  return VpcOrigin.withVpcOrigin(vpcOrigin, {
    originId: region,
    domainName,
    readTimeout: READ_TIMEOUT,
    keepaliveTimeout: KEEP_ALIVE,
  });
}
