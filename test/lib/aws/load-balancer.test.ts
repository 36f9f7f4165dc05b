import { describe, expect, test } from '@jest/globals';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { LoadBalancer, type LoadBalancerProps } from '../../../lib/aws/constructs/load-balancer';
import { SHUTDOWN } from '../../../lib/contract';
import { existingVpc, nagFindings, testStack } from './support';

const POOLS = [
  { name: 'model-server', models: ['fraud', 'search'] },
  { name: 'vision', models: ['images'] },
];

function make(props: Partial<LoadBalancerProps> = {}) {
  const stack = testStack();
  new LoadBalancer(stack, 'load-balancer', { vpc: existingVpc(stack), pools: POOLS, ...props });
  return stack;
}

function synth(props?: Partial<LoadBalancerProps>): Template {
  return Template.fromStack(make(props));
}

test('the load balancer is not on the Internet', () => {
  synth().allResourcesProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', { Scheme: 'internal' });
});

test('nobody may call it until somebody is admitted, and it calls replicas only', () => {
  // WHEN a load balancer is made
  const template = synth();
  // THEN its group lets nothing in, and out only to the port of the service
  template.hasResourceProperties('AWS::EC2::SecurityGroup', {
    SecurityGroupIngress: Match.absent(),
    SecurityGroupEgress: [Match.objectLike({ CidrIp: '10.0.0.0/16', FromPort: 8000, ToPort: 8000 })],
  });
});

test('each pool has a group of pods that are asked whether they are ready', () => {
  // WHEN a load balancer for two pools is made
  const template = synth();
  // THEN there are two groups of addresses, looked after at the path of the protocol
  template.resourceCountIs('AWS::ElasticLoadBalancingV2::TargetGroup', 2);
  template.allResourcesProperties('AWS::ElasticLoadBalancingV2::TargetGroup', {
    TargetType: 'ip',
    Port: 8000,
    HealthCheckPath: '/v2/health/ready',
  });
});

test('the replica with the fewest requests gets the next', () => {
  synth().allResourcesProperties('AWS::ElasticLoadBalancingV2::TargetGroup', {
    TargetGroupAttributes: Match.arrayWith([
      { Key: 'load_balancing.algorithm.type', Value: 'least_outstanding_requests' },
    ]),
  });
});

test('a replica that ends is let go before it stops answering', () => {
  // GIVEN the attributes of a target group
  const [group] = Object.values(synth().findResources('AWS::ElasticLoadBalancingV2::TargetGroup'));
  const attributes: { Key: string; Value: string }[] = group?.Properties.TargetGroupAttributes;
  const delay = attributes.find(({ Key }) => Key === 'deregistration_delay.timeout_seconds');
  // THEN the delay lies within the time in which the replica still answers
  expect(Number(delay?.Value)).toBeLessThanOrEqual(SHUTDOWN.preStopSeconds + SHUTDOWN.drainSeconds);
  expect(Number(delay?.Value)).toBeGreaterThan(SHUTDOWN.preStopSeconds);
});

describe('routing', () => {
  test('requests go to the pool that serves their model, in both protocols', () => {
    // WHEN a load balancer is made
    const rules = Object.values(synth().findResources('AWS::ElasticLoadBalancingV2::ListenerRule'));
    const patterns = rules.map(({ Properties }) => Properties.Conditions[0].PathPatternConfig.Values);
    // THEN there is a rule for each model
    expect(patterns).toEqual([
      ['/v?/models/fraud', '/v?/models/fraud:*', '/v?/models/fraud/*'],
      ['/v?/models/images', '/v?/models/images:*', '/v?/models/images/*'],
      ['/v?/models/search', '/v?/models/search:*', '/v?/models/search/*'],
    ]);
  });

  test('a new model leaves the rules of the others as they are: AWS refuses a priority that another still has', () => {
    // GIVEN two models
    const rules = (models: string[]) =>
      synth({ pools: [{ name: 'a', models }] }).findResources('AWS::ElasticLoadBalancingV2::ListenerRule');
    const before = rules(['fraud', 'search']);
    // WHEN another comes before them
    const after = rules(['a-new-one', 'fraud', 'search']);
    // THEN one rule is new
    expect(after).toMatchObject(before);
    expect(Object.keys(after)).toHaveLength(3);
  });

  test('a model in two pools is refused', () => {
    const pools = [
      { name: 'a', models: ['fraud'] },
      { name: 'b', models: ['fraud'] },
    ];
    expect(() => make({ pools })).toThrow("LoadBalancer.pools: found 'fraud in two pools', expected each model in one");
  });

  test('more models than the listener has rules are refused', () => {
    const models = Array.from({ length: 101 }, (_, index) => `m${index}`);
    expect(() => make({ pools: [{ name: 'a', models }] })).toThrow("found '101 models', expected at most 100");
  });
});

describe('transport', () => {
  test('with a certificate it speaks TLS 1.3, or 1.2 with forward secrecy', () => {
    // WHEN a load balancer with a certificate is made
    const stack = testStack();
    const certificate = Certificate.fromCertificateArn(
      stack,
      'certificate',
      'arn:aws:acm:eu-west-1:123456789012:certificate/1',
    );
    const template = synth({ certificate });
    // THEN its only listener is for HTTPS
    template.allResourcesProperties('AWS::ElasticLoadBalancingV2::Listener', {
      Port: 443,
      Protocol: 'HTTPS',
      SslPolicy: Match.stringLikeRegexp('^ELBSecurityPolicy-TLS13-1-2-Res'),
    });
  });

  test('every request needs a token of the issuer, where there is one', () => {
    // GIVEN a certificate, without which tokens would be read by others
    const stack = testStack();
    const arn = 'arn:aws:acm:eu-west-1:123456789012:certificate/1';
    const certificate = Certificate.fromCertificateArn(stack, 'certificate', arn);
    const jwt = { issuer: 'https://id.example.com', jwksUrl: 'https://id.example.com/keys' };
    // WHEN a load balancer asks for tokens
    const template = synth({ certificate, jwt });
    // THEN each rule checks them before it forwards, and the keys can be fetched
    const first = {
      Type: 'jwt-validation',
      Order: 1,
      JwtValidationConfig: { Issuer: jwt.issuer, JwksEndpoint: jwt.jwksUrl },
    };
    const actions = [first, Match.objectLike({ Type: 'forward', Order: 2 })];
    template.allResourcesProperties('AWS::ElasticLoadBalancingV2::ListenerRule', { Actions: actions });
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', { DefaultActions: actions });
    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      SecurityGroupEgress: Match.arrayWith([Match.objectLike({ CidrIp: '0.0.0.0/0', FromPort: 443, ToPort: 443 })]),
    });
    // AND without the certificate it is refused
    expect(() => synth({ jwt })).toThrow('expected both: tokens are taken over TLS only');
  });

  test('without one it speaks HTTP, which does not leave the VPC', () => {
    synth().allResourcesProperties('AWS::ElasticLoadBalancingV2::Listener', { Port: 80, Protocol: 'HTTP' });
  });
});

test('each request is recorded, for 90 days, where S3 itself encrypts', () => {
  // WHEN a load balancer is made
  const template = synth();
  // THEN it writes to a bucket that it is able to write to, and that forgets
  template.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', {
    LoadBalancerAttributes: Match.arrayWith([{ Key: 'access_logs.s3.enabled', Value: 'true' }]),
  });
  template.hasResourceProperties('AWS::S3::Bucket', {
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
    },
    LifecycleConfiguration: { Rules: [Match.objectLike({ ExpirationInDays: 90, Status: 'Enabled' })] },
  });
});

test('it cannot be deleted by mistake', () => {
  const deletion = (value: string) => ({
    LoadBalancerAttributes: Match.arrayWith([{ Key: 'deletion_protection.enabled', Value: value }]),
  });
  synth().hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', deletion('true'));
  synth({ deletionProtection: false }).hasResourceProperties(
    'AWS::ElasticLoadBalancingV2::LoadBalancer',
    deletion('false'),
  );
});

test('AwsSolutions finds nothing that is not acknowledged', () => {
  expect(nagFindings(make())).toEqual([]);
});
