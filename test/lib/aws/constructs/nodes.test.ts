import { describe, expect, test } from '@jest/globals';
import type { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Cluster, type ICluster } from 'aws-cdk-lib/aws-eks-v2';
import { CpuNodes, type CpuNodesProps } from '../../../../lib/aws/constructs/cpu-nodes';
import { GpuNodes, type GpuNodesProps } from '../../../../lib/aws/constructs/gpu-nodes';
import { GPU_NAMES } from '../../../../lib/spec/gpus';
import { existingVpc, nagFindings, testStack } from '../support';

function existingCluster(stack: Stack): ICluster {
  return Cluster.fromClusterAttributes(stack, 'cluster', { clusterName: 'shop', vpc: existingVpc(stack) });
}

function gpuNodes(props: Partial<GpuNodesProps> = {}): Stack {
  const stack = testStack();
  new GpuNodes(stack, 'nodes', { cluster: existingCluster(stack), gpu: 'a10g', maxNodes: 8, ...props });
  return stack;
}

function cpuNodes(props: Partial<CpuNodesProps> = {}): Stack {
  const stack = testStack();
  const all = { cluster: existingCluster(stack), instanceTypes: ['c7g.xlarge'], maxNodes: 5, ...props };
  new CpuNodes(stack, 'nodes', all);
  return stack;
}

describe('nodes with GPUs', () => {
  const template = Template.fromStack(gpuNodes());
  const group = (properties: object) => template.hasResourceProperties('AWS::EKS::Nodegroup', properties);

  test('keep pods away that ask for no GPU', () => {
    group({ Taints: [{ Key: 'nvidia.com/gpu', Value: 'true', Effect: 'NO_SCHEDULE' }] });
  });

  test('carry the label by which pods ask for them', () => {
    group({ Labels: Match.objectLike({ 'headroom-gpu': 'a10g' }) });
  });

  test('tell the autoscaler that a GPU is about to appear', () => {
    group({ Labels: Match.objectLike({ 'k8s.amazonaws.com/accelerator': 'a10g' }) });
  });

  test('have the image with the driver of NVIDIA', () => {
    group({ AmiType: 'AL2023_x86_64_NVIDIA' });
  });

  test('tell what room their disk has for pods while there are none', () => {
    group({ Tags: { 'k8s.io/cluster-autoscaler/node-template/resources/ephemeral-storage': '89Gi' } });
  });

  test('begin at none', () => {
    group({ ScalingConfig: { MinSize: 0, DesiredSize: 0, MaxSize: 8 } });
  });

  test('are not taken from pods against their disruption budget', () => {
    group({ ForceUpdateEnabled: false });
  });

  test('have the smallest type with the GPU unless told otherwise', () => {
    group({ InstanceTypes: ['g5.xlarge'], CapacityType: 'ON_DEMAND' });
  });

  test('pass no rule of AwsSolutions by', () => {
    expect(nagFindings(gpuNodes())).toEqual([]);
  });

  test.each(GPU_NAMES)('exist for the GPU %s', (gpu) => {
    expect(() => gpuNodes({ gpu })).not.toThrow();
  });

  test('are refused for types with another GPU', () => {
    expect(() => gpuNodes({ instanceTypes: ['g6.xlarge'] })).toThrow(
      "GpuNodes.instanceTypes: found 'g6.xlarge', expected types with the GPU a10g: g5.xlarge",
    );
  });

  test('are refused for types of several sizes', () => {
    expect(() => gpuNodes({ instanceTypes: ['g5.xlarge', 'g5.12xlarge'] })).toThrow('types alike to g5.xlarge');
  });

  test('of a Capacity Block name it and their type in the launch template', () => {
    const capacity = { capacityBlock: 'cr-0123456789abcdef0' };
    const reserved = Template.fromStack(gpuNodes({ gpu: 'h100', capacity }));
    reserved.hasResourceProperties('AWS::EKS::Nodegroup', {
      CapacityType: 'CAPACITY_BLOCK',
      InstanceTypes: Match.absent(),
    });
    reserved.hasResourceProperties('AWS::EC2::LaunchTemplate', {
      LaunchTemplateData: {
        InstanceType: 'p5.4xlarge',
        InstanceMarketOptions: { MarketType: 'capacity-block' },
        CapacityReservationSpecification: {
          CapacityReservationTarget: { CapacityReservationId: 'cr-0123456789abcdef0' },
        },
      },
    });
  });

  test('of a Capacity Block are refused without its id', () => {
    expect(() => gpuNodes({ gpu: 'h100', capacity: { capacityBlock: 'p5' } })).toThrow('the id of a Capacity Block');
  });

  test('of a Capacity Block are refused for types of which none are sold', () => {
    expect(() => gpuNodes({ capacity: { capacityBlock: 'cr-0123456789abcdef0' } })).toThrow(
      "found 'g5.xlarge', expected a type of which Capacity Blocks are sold: p5.4xlarge, p5.48xlarge",
    );
  });
});

describe('nodes without GPUs', () => {
  test.each([
    ['c7g.xlarge', 'AL2023_ARM_64_STANDARD'],
    ['c7i.xlarge', 'AL2023_x86_64_STANDARD'],
  ])('%s have the image %s', (type, AmiType) => {
    const template = Template.fromStack(cpuNodes({ instanceTypes: [type] }));
    template.hasResourceProperties('AWS::EKS::Nodegroup', { AmiType, Taints: Match.absent() });
  });

  test('are as few as may be at first: EKS makes no group without their number', () => {
    Template.fromStack(cpuNodes({ minNodes: 3 })).hasResourceProperties('AWS::EKS::Nodegroup', {
      ScalingConfig: { MinSize: 3, DesiredSize: 3, MaxSize: 5 },
    });
  });

  test('lie in private subnets', () => {
    Template.fromStack(cpuNodes()).hasResourceProperties('AWS::EKS::Nodegroup', {
      Subnets: ['private-1', 'private-2', 'private-3'],
    });
  });

  test('encrypt their disks', () => {
    Template.fromStack(cpuNodes()).hasResourceProperties('AWS::EC2::LaunchTemplate', {
      LaunchTemplateData: { BlockDeviceMappings: [{ Ebs: Match.objectLike({ Encrypted: true, VolumeType: 'gp3' }) }] },
    });
  });

  test('keep their own role from pods', () => {
    Template.fromStack(cpuNodes()).hasResourceProperties('AWS::EC2::LaunchTemplate', {
      LaunchTemplateData: { MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 } },
    });
  });

  test('on spot need several types', () => {
    expect(() => cpuNodes({ spot: true })).toThrow('c7g.xlarge alone on spot');
    const template = Template.fromStack(cpuNodes({ spot: true, instanceTypes: ['c7g.xlarge', 'm7g.xlarge'] }));
    template.hasResourceProperties('AWS::EKS::Nodegroup', { CapacityType: 'SPOT' });
  });

  test.each([
    ['of two architectures', ['c7g.xlarge', 'c7i.xlarge']],
    ['of two sizes', ['c7g.xlarge', 'c7g.2xlarge']],
    ['with less memory than the first', ['m7g.xlarge', 'c7g.xlarge']],
    ['that are unknown', ['c7g.huge']],
    ['left out', []],
  ])('are refused for types %s', (_, instanceTypes) => {
    expect(() => cpuNodes({ instanceTypes })).toThrow('instanceTypes');
  });

  test.each([
    [{ minNodes: -1 }, 'minNodes: found -1'],
    [{ minNodes: 1.5 }, 'minNodes: found 1.5'],
    [{ minNodes: 3, maxNodes: 2 }, 'maxNodes: found 2, expected a whole number from 3'],
    [{ minNodes: 0, maxNodes: 0 }, 'maxNodes: found 0, expected a whole number from 1'],
  ])('are refused for the bounds %j', (bounds, message) => {
    expect(() => cpuNodes(bounds)).toThrow(message);
  });
});
