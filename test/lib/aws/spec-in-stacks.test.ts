import { describe, expect, test } from '@jest/globals';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { type AwsSpec, checkSpec } from '../../../lib/aws/checks';
import { AlarmsStack } from '../../../lib/aws/stacks/alarms-stack';
import { ClusterStack } from '../../../lib/aws/stacks/cluster-stack';
import { DeliveryStack } from '../../../lib/aws/stacks/delivery-stack';
import { EdgeStack } from '../../../lib/aws/stacks/edge-stack';
import { NetworkStack } from '../../../lib/aws/stacks/network-stack';
import { parseSpec } from '../../../lib/spec/load';
import { testApp } from './support';

/** A spec of the tier medium with what is given below `aws`, and pools. */
function specWith(aws: string, pool = '{}'): AwsSpec {
  return checkSpec(
    parseSpec(
      `name: shop
models:
  fraud: {useCase: fraud-detection, path: models/fraud, peakQps: 500, pool: main}
pools:
  main: ${pool}
consumers: {web: {rateQps: 100, burst: 200}}
aws: {region: us-east-1, ${aws}}
`,
      'headroom.yaml',
    ),
  );
}

function clusterOf(spec: AwsSpec): Template {
  const place = { spec, region: 'us-east-1' };
  const app = testApp();
  const { vpc } = new NetworkStack(app, place);
  const { topic: alertTopic } = new AlarmsStack(app, place);
  return Template.fromStack(new ClusterStack(app, { ...place, vpc, plan: undefined, alertTopic }));
}

describe('the cluster', () => {
  const template = clusterOf(
    specWith(
      `cluster: {administrators: ['arn:aws:iam::123456789012:role/team/platform'], publicAccessCidrs: [203.0.113.0/24]}`,
      '{hardware: gpu, gpu: t4, capacity: spot}',
    ),
  );

  test('lets the administrators of the spec do everything', () => {
    template.hasResourceProperties('AWS::EKS::AccessEntry', {
      PrincipalArn: 'arn:aws:iam::123456789012:role/team/platform',
      AccessPolicies: [
        {
          AccessScope: { Type: 'cluster' },
          PolicyArn: {
            'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp('cluster-access-policy/AmazonEKSClusterAdmin')])],
          },
        },
      ],
    });
  });

  test('is reached from its networks on the Internet, and from within the VPC', () => {
    template.hasResourceProperties('AWS::EKS::Cluster', {
      ResourcesVpcConfig: {
        EndpointPublicAccess: true,
        EndpointPrivateAccess: true,
        PublicAccessCidrs: ['203.0.113.0/24'],
      },
    });
  });

  test('buys its GPUs as the spec says', () => {
    template.hasResourceProperties('AWS::EKS::Nodegroup', {
      CapacityType: 'SPOT',
      InstanceTypes: Match.arrayWith(['g4dn.xlarge', 'g4dn.2xlarge']),
    });
  });
});

test('a cluster of which the spec says nothing is reached from within the VPC alone, and nobody administers it', () => {
  const template = clusterOf(specWith('environment: dev'));
  template.hasResourceProperties('AWS::EKS::Cluster', {
    ResourcesVpcConfig: { EndpointPublicAccess: false, EndpointPrivateAccess: true },
  });
  // Only the role by which manifests are applied.
  expect(Object.keys(template.findResources('AWS::EKS::AccessEntry'))).toHaveLength(1);
});

describe('the gateway', () => {
  function edgeOf(authorization: string): Template {
    const place = { spec: specWith(`authorization: ${authorization}`), region: 'us-east-1' };
    const app = testApp();
    const { vpc } = new NetworkStack(app, place);
    return Template.fromStack(new EdgeStack(app, { ...place, vpc }));
  }

  test('asks for the key of a consumer where the spec says no more', () => {
    edgeOf('{type: api-key}').allResourcesProperties('AWS::ApiGateway::Method', {
      AuthorizationType: 'NONE',
      ApiKeyRequired: true,
    });
  });

  test('takes tokens of the user pools of the spec, each from its own region', () => {
    // WHEN the pool is in another region than the gateway
    const template = edgeOf('{type: cognito, userPools: [eu-west-1_AbCdEf123], scopes: [predict/read]}');
    // THEN its ARN says so
    template.hasResourceProperties('AWS::ApiGateway::Authorizer', {
      Type: 'COGNITO_USER_POOLS',
      ProviderARNs: [
        {
          'Fn::Join': [
            '',
            ['arn:aws:cognito-idp:eu-west-1:', { Ref: 'AWS::AccountId' }, ':userpool/eu-west-1_AbCdEf123'],
          ],
        },
      ],
    });
    template.allResourcesProperties('AWS::ApiGateway::Method', { AuthorizationScopes: ['predict/read'] });
  });

  test('takes tokens of the issuer of the spec, and knows consumers by them', () => {
    const template = edgeOf(
      '{type: jwt, issuer: https://login.example.com/, audience: [headroom], jwksUrl: https://login.example.com/jwks, clientClaim: azp}',
    );
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: {
          TOKEN_SETTINGS: JSON.stringify({
            issuer: 'https://login.example.com/',
            audience: ['headroom'],
            jwksUrl: 'https://login.example.com/jwks',
            usage: { claim: 'azp', scope: 'shop-edge/gateway' },
          }),
        },
      },
    });
    template.hasResourceProperties('AWS::ApiGateway::RestApi', { ApiKeySourceType: 'AUTHORIZER' });
  });

  test('takes signatures of AWS, and tells what a policy must name', () => {
    const template = edgeOf('{type: iam}');
    template.allResourcesProperties('AWS::ApiGateway::Method', { AuthorizationType: 'AWS_IAM' });
    expect(Object.keys(template.findOutputs('InvokeArn'))).toEqual(['InvokeArn']);
  });
});

describe('models at the edge', () => {
  const templateOf = (aws: string, region = 'us-east-1') =>
    Template.fromStack(new DeliveryStack(testApp(), { spec: specWith(aws), region }));
  const READERS = 'modelReaders: [203.0.113.0/24]';

  test('are there for the readers of the spec', () => {
    templateOf(READERS).hasResourceProperties('AWS::CloudFront::Function', {
      FunctionCode: Match.stringLikeRegexp('NETWORKS = \\[\\[3405803776,256\\]\\]'),
    });
  });

  test('have one address, in the first region', () => {
    templateOf(READERS, 'eu-west-1').resourceCountIs('AWS::CloudFront::Distribution', 0);
  });

  test('are not there where nobody could fetch them', () => {
    templateOf('').resourceCountIs('AWS::CloudFront::Distribution', 0);
  });
});
