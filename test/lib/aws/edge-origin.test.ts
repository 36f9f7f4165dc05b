import { expect, test } from '@jest/globals';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { EdgeOrigin } from '../../../lib/aws/constructs/edge-origin';
import { LoadBalancer } from '../../../lib/aws/constructs/load-balancer';
import { existingVpc, nagFindings, testStack } from './support';

function make() {
  const stack = testStack();
  const pools = [{ name: 'main', models: ['fraud'] }];
  const { alb, listener } = new LoadBalancer(stack, 'load-balancer', { vpc: existingVpc(stack), pools });
  new EdgeOrigin(stack, 'edge-origin', { alb, listener });
  return stack;
}

test('CloudFront reaches the load balancer, and nobody else does', () => {
  // WHEN the load balancer is made an origin
  const template = Template.fromStack(make());
  // THEN it is admitted by the list of its addresses, on the port of the listener
  template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 1);
  template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
    SourcePrefixListId: Match.anyValue(),
    CidrIp: Match.absent(),
    FromPort: 80,
    ToPort: 80,
  });
});

test('the origin comes after the listener, which it does not name', () => {
  // WHEN the load balancer is made an origin
  const template = Template.fromStack(make());
  const [listener = ''] = Object.keys(template.findResources('AWS::ElasticLoadBalancingV2::Listener'));
  // THEN the listener is there when CloudFront first looks
  template.hasResource('AWS::CloudFront::VpcOrigin', { DependsOn: Match.arrayWith([listener]) });
});

test('AwsSolutions finds nothing that is not acknowledged', () => {
  expect(nagFindings(make())).toEqual([]);
});
