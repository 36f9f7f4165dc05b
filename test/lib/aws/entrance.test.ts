import { describe, expect, test } from '@jest/globals';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { VpcOrigin } from 'aws-cdk-lib/aws-cloudfront';
import { Entrance, type EntranceProps } from '../../../lib/aws/constructs/entrance';
import { nagFindings, testStack } from './support';

const REGIONS = ['eu-west-1', 'us-east-1'];
const WEB_ACL = 'arn:aws:wafv2:us-east-1:123456789012:global/webacl/edge/1';

function make(props: Partial<EntranceProps> = {}) {
  const stack = testStack();
  const origins = REGIONS.map((region) => ({
    region,
    vpcOrigin: VpcOrigin.fromVpcOriginId(stack, `origin-${region}`, `vo_${region}`),
    domainName: `internal.${region}.elb.amazonaws.com`,
  }));
  new Entrance(stack, 'entrance', { origins, webAclArn: WEB_ACL, ...props });
  return stack;
}

/** The behaviour of a path, as the template has it. */
function behavior(path: string): Record<string, unknown> {
  const [distribution] = Object.values(Template.fromStack(make()).findResources('AWS::CloudFront::Distribution'));
  const { CacheBehaviors, DefaultCacheBehavior } = distribution?.Properties.DistributionConfig ?? {};
  if (path === '*') return DefaultCacheBehavior;
  return CacheBehaviors.find(({ PathPattern }: { PathPattern: string }) => PathPattern === path);
}

test('every region is an origin by its name, reached within its VPC', () => {
  // WHEN an entrance to two regions is made
  const template = Template.fromStack(make());
  // THEN the function finds both by the name of the region
  template.hasResourceProperties('AWS::CloudFront::Distribution', {
    DistributionConfig: {
      Origins: REGIONS.map((region) =>
        Match.objectLike({ Id: region, VpcOriginConfig: Match.objectLike({ VpcOriginId: `vo_${region}` }) }),
      ),
    },
  });
});

describe('what is cached', () => {
  const CACHING_DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';

  test('nothing of what is sent to a model', () => {
    expect(behavior('*').CachePolicyId).toBe(CACHING_DISABLED);
    expect(behavior('/.region/us-east-1/*').CachePolicyId).toBe(CACHING_DISABLED);
  });

  test('predictions for an entity, for as long as the service says and never longer than a day', () => {
    // WHEN an entrance is made
    const template = Template.fromStack(make());
    // THEN its own policy holds for their path, and what is marked private is not kept because no time is imposed
    expect(behavior('/v1/models/*/entities/*').CachePolicyId).toHaveProperty('Ref');
    template.hasResourceProperties('AWS::CloudFront::CachePolicy', {
      CachePolicyConfig: Match.objectLike({ MinTTL: 0, DefaultTTL: 0, MaxTTL: 86_400 }),
    });
  });
});

test('the function sees every request first, with the place of the caller', () => {
  const ALL_VIEWER_AND_CLOUDFRONT = '33f36d7e-f396-46d9-90e0-52428a34d9dc';
  for (const path of ['*', '/v1/models/*/entities/*', '/.region/eu-west-1/*']) {
    expect(behavior(path)).toMatchObject({
      FunctionAssociations: [{ EventType: 'viewer-request' }],
      OriginRequestPolicyId: ALL_VIEWER_AND_CLOUDFRONT,
      ViewerProtocolPolicy: 'https-only',
    });
  }
});

test('the web ACL is in front', () => {
  Template.fromStack(make()).hasResourceProperties('AWS::CloudFront::Distribution', {
    DistributionConfig: Match.objectLike({ WebACLId: WEB_ACL }),
  });
});

test('what alarms need is measured: latency of the regions, and errors by status', () => {
  Template.fromStack(make()).hasResourceProperties('AWS::CloudFront::MonitoringSubscription', {
    DistributionId: Match.objectLike({ Ref: Match.stringLikeRegexp('^entrancedistribution') }),
    MonitoringSubscription: { RealtimeMetricsSubscriptionConfig: { RealtimeMetricsSubscriptionStatus: 'Enabled' } },
  });
});

test('no key is in the template', () => {
  Template.fromStack(make()).hasResourceProperties('AWS::CloudFront::KeyValueStore', { ImportSource: Match.absent() });
});

test('an entrance to nowhere is refused', () => {
  expect(() => make({ origins: [] })).toThrow("Entrance.origins: found 'an empty list', expected at least one region");
});

test('AwsSolutions finds nothing that is not acknowledged, with a domain and without', () => {
  const certificate = Certificate.fromCertificateArn(
    testStack(),
    'certificate',
    'arn:aws:acm:us-east-1:123456789012:certificate/1',
  );
  expect(nagFindings(make())).toEqual([]);
  expect(nagFindings(make({ domain: { name: 'predict.example.com', certificate } }))).toEqual([]);
});
