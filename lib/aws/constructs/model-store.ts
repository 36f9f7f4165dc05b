import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge, wildcardFinding } from '../findings';

export interface ModelStoreProps {
  /**
   * Key of its own; whoever may read needs a right to it, too, and ModelDelivery cannot serve from it.
   * @default the key of S3
   */
  readonly encryptionKey?: IKey;

  /**
   * Days for which what was replaced or deleted can be brought back.
   * @default 30
   */
  readonly restorableDays?: number;

  /**
   * Where the record of each access is kept; in the same region and account.
   * @default a bucket of its own that keeps them for 90 days
   */
  readonly accessLogs?: IBucket;

  /**
   * What becomes of models and records when the stack is deleted.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

const ACCESS_LOG_DAYS = 90;
/** A push that was broken off is begun anew, so its parts are of no use. */
const UNFINISHED_DAYS = 7;

/**
 * Where models lie: a bucket for `headroom push`, from which replicas fetch. Nothing in it is public, everything goes
 * over TLS, and a manifest that was overwritten by mistake can be brought back.
 */
export class ModelStore extends Construct {
  readonly bucket: IBucket;

  constructor(scope: Construct, id: string, props: ModelStoreProps = {}) {
    super(scope, id);
    const { encryptionKey, removalPolicy = RemovalPolicy.RETAIN } = props;
    this.bucket = new Bucket(this, 'bucket', {
      ...SECURE,
      versioned: true,
      ...(encryptionKey
        ? { encryption: BucketEncryption.KMS, encryptionKey, bucketKeyEnabled: true }
        : { encryption: BucketEncryption.S3_MANAGED }),
      lifecycleRules: [
        {
          noncurrentVersionExpiration: Duration.days(props.restorableDays ?? 30),
          abortIncompleteMultipartUploadAfter: Duration.days(UNFINISHED_DAYS),
          expiredObjectDeleteMarker: true,
        },
      ],
      serverAccessLogsBucket: props.accessLogs ?? this.#accessLogs(removalPolicy),
      serverAccessLogsPrefix: 'models/',
      ...removal(removalPolicy),
    });
  }

  /**
   * The address of one model, as the spec and `headroom push` take it.
   * @param model folder in the bucket
   */
  urlOf(model: string): string {
    return this.bucket.s3UrlForObject(model);
  }

  /** Lets replicas fetch models. */
  grantPull(grantee: IGrantable): Grant {
    return this.#grant(grantee, ['s3:GetObject']);
  }

  /** Lets whoever publishes push models, which needs to see what is there already. */
  grantPush(grantee: IGrantable): Grant {
    return this.#grant(grantee, ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload']);
  }

  #grant(grantee: IGrantable, actions: string[]): Grant {
    const { grantPrincipal } = grantee;
    const objects = this.bucket.arnForObjects('*');
    if (Construct.isConstruct(grantPrincipal)) {
      acknowledge(grantPrincipal, wildcardFinding(grantPrincipal, objects), 'the bucket holds models and nothing else');
    }
    if (this.bucket.encryptionKey) {
      if (actions.includes('s3:PutObject')) this.bucket.encryptionKey.grantEncryptDecrypt(grantee);
      else this.bucket.encryptionKey.grantDecrypt(grantee);
    }
    return Grant.addToPrincipal({ grantee, actions, resourceArns: [objects] });
  }

  #accessLogs(removalPolicy: RemovalPolicy): Bucket {
    const bucket = new Bucket(this, 'access-logs', {
      ...SECURE,
      encryption: BucketEncryption.S3_MANAGED,
      lifecycleRules: [{ expiration: Duration.days(ACCESS_LOG_DAYS) }],
      ...removal(removalPolicy),
    });
    acknowledge(bucket, 'AwsSolutions-S1', 'it holds logs, of which no logs are kept');
    return bucket;
  }
}

const SECURE = { blockPublicAccess: BlockPublicAccess.BLOCK_ALL, enforceSSL: true } as const;

function removal(removalPolicy: RemovalPolicy) {
  return { removalPolicy, autoDeleteObjects: removalPolicy === RemovalPolicy.DESTROY };
}
