import { describe, expect, test } from '@jest/globals';
import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Key } from 'aws-cdk-lib/aws-kms';
import { ModelDelivery, type ModelDeliveryProps } from '../../../../lib/aws/constructs/model-delivery';
import { ModelStore } from '../../../../lib/aws/constructs/model-store';
import { ENV, nagFindings, testStack } from '../support';

const PUBLIC_KEY = '-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----';
const CACHING_DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';

function make(props: Partial<ModelDeliveryProps> = {}): { stack: Stack; delivery: ModelDelivery } {
  const stack = testStack();
  const { bucket: store } = new ModelStore(stack, 'store');
  const access = { type: 'signed', publicKeys: [PUBLIC_KEY] } as const;
  return { stack, delivery: new ModelDelivery(stack, 'delivery', { store, access, ...props }) };
}

function synth(props?: Partial<ModelDeliveryProps>): Template {
  return Template.fromStack(make(props).stack);
}

interface Behavior {
  readonly PathPattern?: string;
  readonly CachePolicyId: unknown;
  readonly TrustedKeyGroups?: unknown;
  readonly FunctionAssociations?: unknown;
  readonly ViewerProtocolPolicy: string;
  readonly AllowedMethods: readonly string[];
}

function behaviors(template: Template): { manifests: Behavior; blobs: Behavior | undefined } {
  const [distribution] = Object.values(template.findResources('AWS::CloudFront::Distribution'));
  const { DefaultCacheBehavior, CacheBehaviors } = distribution?.Properties.DistributionConfig ?? {};
  return { manifests: DefaultCacheBehavior, blobs: CacheBehaviors[0] };
}

test('only this distribution may read the bucket', () => {
  // WHEN a delivery is made
  const template = synth();
  // THEN it signs its requests, and the bucket's policy names it alone
  template.hasResourceProperties('AWS::CloudFront::OriginAccessControl', {
    OriginAccessControlConfig: {
      OriginAccessControlOriginType: 's3',
      SigningBehavior: 'always',
      SigningProtocol: 'sigv4',
    },
  });
  template.hasResourceProperties('AWS::CloudFront::Distribution', {
    DistributionConfig: {
      Origins: [
        Match.objectLike({ OriginAccessControlId: Match.anyValue(), S3OriginConfig: { OriginAccessIdentity: '' } }),
      ],
    },
  });
  template.hasResourceProperties('AWS::S3::BucketPolicy', {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({
          Action: 's3:GetObject',
          Principal: { Service: 'cloudfront.amazonaws.com' },
          Condition: { StringEquals: { 'AWS:SourceArn': Match.anyValue() } },
        }),
      ]),
    },
  });
});

describe('what is kept at the edge', () => {
  test('files by digest, for a year, here and by whoever fetched them', () => {
    // WHEN a delivery is made
    const template = synth();
    // THEN the path of blobs has a policy that keeps them, and tells others to do so
    expect(behaviors(template).blobs).toMatchObject({
      PathPattern: '*/blobs/*',
      CachePolicyId: { Ref: expect.anything() },
    });
    template.hasResourceProperties('AWS::CloudFront::CachePolicy', {
      CachePolicyConfig: Match.objectLike({ MinTTL: 31_536_000, DefaultTTL: 31_536_000, MaxTTL: 31_536_000 }),
    });
    template.hasResourceProperties('AWS::CloudFront::ResponseHeadersPolicy', {
      ResponseHeadersPolicyConfig: Match.objectLike({
        CustomHeadersConfig: {
          Items: [{ Header: 'cache-control', Value: 'private, max-age=31536000, immutable', Override: true }],
        },
      }),
    });
  });

  test('manifests never', () => {
    expect(behaviors(synth()).manifests.CachePolicyId).toBe(CACHING_DISABLED);
  });

  test('no error: what is pushed next is found at once', () => {
    synth().hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: Match.objectLike({
        CustomErrorResponses: Match.arrayWith([{ ErrorCode: 403, ErrorCachingMinTTL: 0 }]),
      }),
    });
  });
});

describe('who may fetch', () => {
  test('whoever has a signature of one of the keys, for manifests and files', () => {
    // WHEN access is signed
    const template = synth();
    // THEN both paths ask for a signature
    const { manifests, blobs } = behaviors(template);
    for (const behavior of [manifests, blobs]) expect(behavior?.TrustedKeyGroups).toEqual([{ Ref: expect.anything() }]);
    template.hasResourceProperties('AWS::CloudFront::PublicKey', {
      PublicKeyConfig: Match.objectLike({ EncodedKey: PUBLIC_KEY }),
    });
  });

  test('whoever comes from certain networks, over IPv4, by which they are told apart', () => {
    // WHEN access is for a network
    const template = synth({ access: { type: 'networks', networks: ['203.0.113.0/24'] } });
    // THEN a function looks at each request for a manifest or a file
    const { manifests, blobs } = behaviors(template);
    for (const behavior of [manifests, blobs]) {
      expect(behavior?.FunctionAssociations).toEqual([
        { EventType: 'viewer-request', FunctionARN: { 'Fn::GetAtt': [expect.anything(), 'FunctionARN'] } },
      ]);
    }
    template.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: Match.objectLike({ IPV6Enabled: false }),
    });
    template.hasResourceProperties('AWS::CloudFront::ResponseHeadersPolicy', {
      ResponseHeadersPolicyConfig: Match.objectLike({
        CustomHeadersConfig: { Items: [Match.objectLike({ Value: 'private, max-age=31536000, immutable' })] },
      }),
    });
  });

  test('nobody, where there is no network: that is refused', () => {
    expect(() => make({ access: { type: 'networks', networks: [] } })).toThrow(
      "ModelDelivery.access: found 'no network', expected at least one network",
    );
  });

  test('anybody, where that is said', () => {
    // WHEN access is public
    const template = synth({ access: { type: 'public' } });
    // THEN no signature is asked for
    const { manifests, blobs } = behaviors(template);
    for (const behavior of [manifests, blobs]) expect(behavior?.TrustedKeyGroups).toBeUndefined();
  });

  test('over TLS, and only reading', () => {
    const { manifests, blobs } = behaviors(synth());
    for (const behavior of [manifests, blobs]) {
      expect(behavior).toMatchObject({ ViewerProtocolPolicy: 'https-only', AllowedMethods: ['GET', 'HEAD'] });
    }
  });

  test('nobody, where there is no key: that is refused', () => {
    expect(() => make({ access: { type: 'signed', publicKeys: [] } })).toThrow(
      "ModelDelivery.access: found 'signed without a key', expected at least one key",
    );
  });
});

test('its records go to a bucket that CloudFront is able to write to', () => {
  // WHEN a delivery is made
  const template = synth();
  // THEN the bucket takes access control lists
  template.hasResourceProperties('AWS::CloudFront::Distribution', {
    DistributionConfig: Match.objectLike({
      Logging: Match.objectLike({ Bucket: { 'Fn::GetAtt': [Match.stringLikeRegexp('logs'), 'RegionalDomainName'] } }),
    }),
  });
  template.hasResourceProperties('AWS::S3::Bucket', {
    OwnershipControls: { Rules: [{ ObjectOwnership: 'ObjectWriter' }] },
    LifecycleConfiguration: { Rules: [Match.objectLike({ ExpirationInDays: 90 })] },
  });
});

test('a domain asks for TLS 1.2', () => {
  const stack = testStack();
  const certificateArn = 'arn:aws:acm:us-east-1:123456789012:certificate/1';
  const { bucket: store } = new ModelStore(stack, 'store');
  new ModelDelivery(stack, 'delivery', {
    store,
    access: { type: 'public' },
    domain: { name: 'models.example.com', certificate: Certificate.fromCertificateArn(stack, 'cert', certificateArn) },
  });
  Template.fromStack(stack).hasResourceProperties('AWS::CloudFront::Distribution', {
    DistributionConfig: Match.objectLike({
      Aliases: ['models.example.com'],
      ViewerCertificate: Match.objectLike({
        AcmCertificateArn: certificateArn,
        MinimumProtocolVersion: 'TLSv1.2_2021',
      }),
    }),
  });
});

describe('a bucket that it could not serve from is refused', () => {
  test('one of another stack, with which it would go round in a circle', () => {
    // GIVEN a bucket of another stack
    const { stack } = make();
    const { bucket: store } = new ModelStore(new Stack(stack.node.root, 'data', { env: ENV }), 'store');
    // THEN there is no delivery for it
    expect(() => new ModelDelivery(stack, 'other', { store, access: { type: 'public' } })).toThrow(
      "ModelDelivery.store: found 'a bucket of data', expected one of test",
    );
  });

  test('one with a key of its own', () => {
    // GIVEN a bucket with its own key
    const stack = testStack();
    const { bucket: store } = new ModelStore(stack, 'store', { encryptionKey: new Key(stack, 'key') });
    // THEN there is no delivery for it
    expect(() => new ModelDelivery(stack, 'delivery', { store, access: { type: 'public' } })).toThrow(
      'expected one encrypted by the key of S3',
    );
  });
});

test('AwsSolutions finds nothing that is not acknowledged', () => {
  expect(nagFindings(make().stack)).toEqual([]);
});
