import { describe, expect, test } from '@jest/globals';
import type { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { GatewayDelivery, type GatewayDeliveryProps } from '../../../../lib/aws/constructs/gateway-delivery';
import { nagFindings, testStack } from '../support';

const WEB_ACL = 'arn:aws:wafv2:us-east-1:123456789012:global/webacl/edge/1';
const CACHING_DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
const ALL_VIEWER_EXCEPT_HOST_HEADER = 'b689b0a8-53d0-40ab-baf2-68738e2966ac';

function make(props: Partial<GatewayDeliveryProps> = {}): { stack: Stack; delivery: GatewayDelivery } {
  const stack = testStack();
  const api = new RestApi(stack, 'api', { deployOptions: { stageName: 'live' } });
  api.root.addMethod('GET');
  return { stack, delivery: new GatewayDelivery(stack, 'delivery', { api, webAclArn: WEB_ACL, ...props }) };
}

function config(): { default: Record<string, unknown>; cached: Record<string, unknown>; template: Template } {
  const template = Template.fromStack(make().stack);
  const [distribution] = Object.values(template.findResources('AWS::CloudFront::Distribution'));
  const { DefaultCacheBehavior, CacheBehaviors } = distribution?.Properties.DistributionConfig ?? {};
  return { default: DefaultCacheBehavior, cached: CacheBehaviors[0], template };
}

test('requests go to the stage of the gateway over TLS, under its own name', () => {
  const { template, ...behaviors } = config();
  template.hasResourceProperties('AWS::CloudFront::Distribution', {
    DistributionConfig: Match.objectLike({
      Origins: [
        Match.objectLike({
          OriginPath: { 'Fn::Join': ['', ['/', Match.anyValue()]] },
          CustomOriginConfig: Match.objectLike({ OriginProtocolPolicy: 'https-only', OriginSSLProtocols: ['TLSv1.2'] }),
        }),
      ],
    }),
  });
  for (const { OriginRequestPolicyId } of [behaviors.default, behaviors.cached]) {
    expect(OriginRequestPolicyId).toBe(ALL_VIEWER_EXCEPT_HOST_HEADER);
  }
});

test('a gateway that is closed under its own name is reached by its domain', () => {
  // GIVEN a gateway with a domain alone
  const stack = testStack();
  const certificateArn = 'arn:aws:acm:eu-west-1:123456789012:certificate/1';
  const api = new RestApi(stack, 'api', {
    disableExecuteApiEndpoint: true,
    domainName: {
      domainName: 'predict.example.com',
      certificate: Certificate.fromCertificateArn(stack, 'certificate', certificateArn),
    },
  });
  api.root.addMethod('GET');
  // WHEN it is delivered
  new GatewayDelivery(stack, 'delivery', { api });
  // THEN the distribution asks for it by that name, over TLS, without the path of a stage
  Template.fromStack(stack).hasResourceProperties('AWS::CloudFront::Distribution', {
    DistributionConfig: Match.objectLike({
      Origins: [
        Match.objectLike({
          DomainName: { Ref: Match.stringLikeRegexp('CustomDomain') },
          OriginPath: Match.absent(),
          CustomOriginConfig: Match.objectLike({ OriginProtocolPolicy: 'https-only', OriginSSLProtocols: ['TLSv1.2'] }),
        }),
      ],
    }),
  });
});

describe('what is kept at the edge', () => {
  test('nothing that is sent to a model', () => {
    expect(config().default.CachePolicyId).toBe(CACHING_DISABLED);
  });

  test('predictions for an entity, for as long as the service says', () => {
    const { cached, template } = config();
    expect(cached).toMatchObject({
      PathPattern: '/v1/models/*/entities/*',
      AllowedMethods: ['GET', 'HEAD'],
      CachePolicyId: { Ref: expect.anything() },
      Compress: true,
    });
    template.hasResourceProperties('AWS::CloudFront::CachePolicy', {
      CachePolicyConfig: Match.objectLike({ MinTTL: 0, DefaultTTL: 0, MaxTTL: 86_400 }),
    });
  });

  test('for each caller apart: nobody is given without a key what another was given with one', () => {
    config().template.hasResourceProperties('AWS::CloudFront::CachePolicy', {
      CachePolicyConfig: Match.objectLike({
        ParametersInCacheKeyAndForwardedToOrigin: Match.objectLike({
          HeadersConfig: { HeaderBehavior: 'whitelist', Headers: ['authorization', 'x-api-key'] },
          QueryStringsConfig: { QueryStringBehavior: 'all' },
        }),
      }),
    });
  });

  test('no error', () => {
    config().template.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: Match.objectLike({
        CustomErrorResponses: Match.arrayWith([{ ErrorCode: 503, ErrorCachingMinTTL: 0 }]),
      }),
    });
  });
});

test('the web ACL is in front, and requests are recorded', () => {
  config().template.hasResourceProperties('AWS::CloudFront::Distribution', {
    DistributionConfig: Match.objectLike({
      WebACLId: WEB_ACL,
      Logging: Match.objectLike({ Bucket: Match.anyValue() }),
      HttpVersion: 'http2and3',
    }),
  });
});

test('answers carry the headers that keep browsers safe', () => {
  const SECURITY_HEADERS = '67f7725c-6f97-4210-82d7-5512b31e9d03';
  const { template: _, ...behaviors } = config();
  for (const behavior of Object.values(behaviors)) {
    expect(behavior).toMatchObject({ ResponseHeadersPolicyId: SECURITY_HEADERS, ViewerProtocolPolicy: 'https-only' });
  }
});

test('AwsSolutions finds nothing in it that is not acknowledged', () => {
  expect(nagFindings(make().delivery)).toEqual([]);
});
