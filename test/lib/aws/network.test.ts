import { expect, test } from '@jest/globals';
import { RemovalPolicy } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Network, type NetworkProps } from '../../../lib/aws/constructs/network';
import { nagFindings, testStack } from './support';

function synth(props?: NetworkProps): Template {
  const stack = testStack();
  new Network(stack, 'network', props);
  return Template.fromStack(stack);
}

test('each kind of subnet is in three zones', () => {
  // WHEN a network is made
  const zones = Object.values(synth().findResources('AWS::EC2::Subnet')).map(({ Properties }) =>
    JSON.stringify(Properties.AvailabilityZone),
  );
  // THEN public, private and isolated subnets share three zones
  expect(zones).toHaveLength(9);
  expect(new Set(zones).size).toBe(3);
});

test('nothing that is put into a subnet gets a public address by itself', () => {
  // WHEN a network is made
  const template = synth();
  // THEN no subnet, the public ones included, hands one out
  template.allResourcesProperties('AWS::EC2::Subnet', { MapPublicIpOnLaunch: false });
});

test('each zone has its own way out, unless one is to do for all', () => {
  synth().resourceCountIs('AWS::EC2::NatGateway', 3);
  synth({ natGateways: 1 }).resourceCountIs('AWS::EC2::NatGateway', 1);
});

test('all traffic is logged, for a month', () => {
  // WHEN a network is made
  const template = synth();
  // THEN accepted and rejected traffic goes to a log group that does not grow for ever
  template.hasResourceProperties('AWS::EC2::FlowLog', { ResourceType: 'VPC', TrafficType: 'ALL' });
  template.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
});

test('the records of traffic stay when the stack goes, unless they are to go with it', () => {
  const policy = (DeletionPolicy: string) => ['AWS::Logs::LogGroup', { DeletionPolicy }] as const;
  synth().hasResource(...policy('Retain'));
  synth({ removalPolicy: RemovalPolicy.DESTROY }).hasResource(...policy('Delete'));
});

test('pods get their credentials, images and models without leaving the VPC', () => {
  // WHEN a network is made
  const services = JSON.stringify(synth().findResources('AWS::EC2::VPCEndpoint'));
  // THEN the services that a pod needs to start are within
  for (const service of ['.eks-auth', '.ecr.api', '.ecr.dkr', '.s3', '.sts']) expect(services).toContain(service);
});

test('without interface endpoints only those remain that cost nothing', () => {
  // WHEN a network is made without
  const template = synth({ interfaceEndpoints: false });
  // THEN S3 and DynamoDB are reached through gateways
  template.resourceCountIs('AWS::EC2::VPCEndpoint', 2);
  template.allResourcesProperties('AWS::EC2::VPCEndpoint', { VpcEndpointType: 'Gateway' });
});

test('the endpoints admit the VPC and nobody else', () => {
  // WHEN a network of other addresses is made
  const template = synth({ cidr: '10.7.0.0/16' });
  // THEN the one group of the endpoints admits these
  template.hasResourceProperties('AWS::EC2::SecurityGroup', {
    SecurityGroupIngress: [Match.objectLike({ CidrIp: '10.7.0.0/16', FromPort: 443, ToPort: 443 })],
  });
});

test('AwsSolutions finds nothing', () => {
  // GIVEN a network
  const stack = testStack();
  new Network(stack, 'network');
  // THEN no rule is broken
  expect(nagFindings(stack)).toEqual([]);
});
