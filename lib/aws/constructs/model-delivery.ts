import { Duration, Stack } from 'aws-cdk-lib';
import {
  AllowedMethods,
  type BehaviorOptions,
  CachePolicy,
  Distribution,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HeadersFrameOption,
  type IDistribution,
  type IKeyGroup,
  KeyGroup,
  PublicKey,
  ResponseHeadersPolicy,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { type EdgeProps, edgeDistribution } from '../edge/distribution';
import { readersCode } from '../edge/readers-code';
import { PropsError } from '../errors';
import { acknowledge } from '../findings';

/** Who may fetch models. */
export type ModelAccess =
  /**
   * Whoever has a URL or cookies signed by the private half of one of the keys, each in PEM. For devices and partners:
   * replicas of the service do not sign.
   */
  | { readonly type: 'signed'; readonly publicKeys: readonly string[] }
  /** Whoever comes from one of the networks, each as 203.0.113.0/24: what runs elsewhere, replicas of the service above all. */
  | { readonly type: 'networks'; readonly networks: readonly string[] }
  /** Anybody who knows the address. */
  | { readonly type: 'public' };

export interface ModelDeliveryProps extends EdgeProps {
  /**
   * Where models lie; of the same stack, because the policy of the bucket names the distribution and the other way
   * round, and encrypted by the key of S3, because other keys' policies would.
   */
  readonly store: IBucket;

  readonly access: ModelAccess;
}

/** `headroom push` puts each file there under its digest: what has that name never changes. */
const BLOB_PATHS = '*/blobs/*';
const A_YEAR = Duration.days(365);

/**
 * Models at the edge of the network: whoever loads one gets it from near, and the bucket stays closed to everybody but
 * CloudFront. Files by digest are kept for ever; manifests, which say what is served now, are asked for each time.
 */
export class ModelDelivery extends Construct {
  readonly distribution: IDistribution;

  /** @throws PropsError for a bucket that it cannot serve from, or signed access without a key */
  constructor(scope: Construct, id: string, props: ModelDeliveryProps) {
    super(scope, id);
    const { store, access, webAclArn } = props;
    checkStore(store, Stack.of(this));
    const fresh = {
      origin: S3BucketOrigin.withOriginAccessControl(store),
      allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
      viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
      cachePolicy: CachePolicy.CACHING_DISABLED,
      responseHeadersPolicy: ResponseHeadersPolicy.SECURITY_HEADERS,
      ...this.#restriction(access),
    };
    this.distribution = new Distribution(this, 'distribution', {
      comment: 'Models',
      // Networks are told apart by addresses of IPv4.
      ...(access.type === 'networks' && { enableIpv6: false }),
      defaultBehavior: fresh,
      additionalBehaviors: {
        [BLOB_PATHS]: {
          ...fresh,
          cachePolicy: this.#immutable(),
          responseHeadersPolicy: this.#immutableHeaders(access.type === 'public'),
          // Weights do not get smaller.
          compress: false,
        },
      },
      ...edgeDistribution(this, props),
    });
    acknowledge(this, 'AwsSolutions-CFR1', 'where models may be fetched from is not for this construct to say');
    if (webAclArn === undefined) {
      acknowledge(this, 'AwsSolutions-CFR2', 'it serves files that are read only; a web ACL can be given');
    }
  }

  /** Address below which each model lies, as `headroom serve --model-store` takes it. */
  get url(): string {
    return `https://${this.distribution.distributionDomainName}`;
  }

  #restriction(access: ModelAccess): Pick<BehaviorOptions, 'trustedKeyGroups' | 'functionAssociations'> {
    switch (access.type) {
      case 'signed':
        return { trustedKeyGroups: [this.#keyGroup(access.publicKeys)] };
      case 'networks':
        return {
          functionAssociations: [
            { eventType: FunctionEventType.VIEWER_REQUEST, function: this.#readers(access.networks) },
          ],
        };
      case 'public':
        return {};
    }
  }

  #readers(networks: readonly string[]): EdgeFunction {
    if (networks.length === 0) throw new PropsError('ModelDelivery.access', 'no network', 'at least one network');
    return new EdgeFunction(this, 'readers', {
      comment: 'Lets certain networks fetch models',
      code: FunctionCode.fromInline(readersCode(networks)),
      runtime: FunctionRuntime.JS_2_0,
    });
  }

  #keyGroup(publicKeys: readonly string[]): IKeyGroup {
    if (publicKeys.length === 0)
      throw new PropsError('ModelDelivery.access', 'signed without a key', 'at least one key');
    const items = publicKeys.map((encodedKey, index) => new PublicKey(this, `key-${index + 1}`, { encodedKey }));
    return new KeyGroup(this, 'keys', { items, comment: 'Whose signatures open models' });
  }

  #immutable(): CachePolicy {
    return new CachePolicy(this, 'blobs', {
      comment: 'Files by digest never change',
      minTtl: A_YEAR,
      defaultTtl: A_YEAR,
      maxTtl: A_YEAR,
    });
  }

  #immutableHeaders(isPublic: boolean): ResponseHeadersPolicy {
    return new ResponseHeadersPolicy(this, 'blob-headers', {
      comment: 'Files by digest never change',
      customHeadersBehavior: {
        customHeaders: [
          {
            header: 'cache-control',
            value: `${isPublic ? 'public' : 'private'}, max-age=${A_YEAR.toSeconds()}, immutable`,
            override: true,
          },
        ],
      },
      securityHeadersBehavior: {
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
        strictTransportSecurity: { accessControlMaxAge: A_YEAR, includeSubdomains: false, override: true },
      },
    });
  }
}

function checkStore(store: IBucket, stack: Stack): void {
  if (Stack.of(store) !== stack) {
    throw new PropsError(
      'ModelDelivery.store',
      `a bucket of ${Stack.of(store).stackName}`,
      `one of ${stack.stackName}`,
    );
  }
  if (store.encryptionKey) {
    throw new PropsError('ModelDelivery.store', 'a bucket with a key of its own', 'one encrypted by the key of S3');
  }
}
