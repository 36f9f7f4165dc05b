import { describe, expect, test } from '@jest/globals';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { KubernetesManifest } from 'aws-cdk-lib/aws-eks-v2';
import { Role } from 'aws-cdk-lib/aws-iam';
import { InferenceCluster, type InferenceClusterProps } from '../../../../lib/aws/constructs/inference-cluster';
import { PropsError } from '../../../../lib/aws/errors';
import { existingVpc, nagFindings, testStack } from '../support';

function cluster(props: Partial<InferenceClusterProps> = {}) {
  const stack = testStack();
  const construct = new InferenceCluster(stack, 'cluster', { vpc: existingVpc(stack), clusterName: 'shop', ...props });
  return { stack, cluster: construct.cluster };
}

/** Logical id of the one resource of a type with these properties. */
function idOf(template: Template, type: string, properties: object = {}): string {
  const [id] = Object.keys(template.findResources(type, { Properties: properties }));
  if (id === undefined) throw new Error(`no ${type}`);
  return id;
}

describe('by default', () => {
  const { stack } = cluster();
  const template = Template.fromStack(stack);

  test('the API is reached from within the VPC only, in private subnets', () => {
    template.hasResourceProperties('AWS::EKS::Cluster', {
      ResourcesVpcConfig: {
        EndpointPrivateAccess: true,
        EndpointPublicAccess: false,
        SubnetIds: ['private-1', 'private-2', 'private-3'],
      },
    });
  });

  test('only this stack gets in', () => {
    template.hasResourceProperties('AWS::EKS::Cluster', {
      AccessConfig: { AuthenticationMode: 'API', BootstrapClusterCreatorAdminPermissions: false },
    });
    template.resourceCountIs('AWS::EKS::AccessEntry', 1);
  });

  test('secrets are encrypted by a key that is rotated and stays', () => {
    template.hasResourceProperties('AWS::EKS::Cluster', {
      EncryptionConfig: [{ Resources: ['secrets'], Provider: { KeyArn: Match.anyValue() } }],
    });
    template.hasResource('AWS::KMS::Key', { Properties: { EnableKeyRotation: true }, DeletionPolicy: 'Retain' });
  });

  test('everything is logged, for three months, in a group that is there before the cluster', () => {
    const log = idOf(template, 'AWS::Logs::LogGroup', { LogGroupName: '/aws/eks/shop/cluster', RetentionInDays: 90 });
    template.hasResource('AWS::EKS::Cluster', {
      Properties: {
        Logging: {
          ClusterLogging: {
            EnabledTypes: ['api', 'audit', 'authenticator', 'controllerManager', 'scheduler'].map((Type) => ({ Type })),
          },
        },
      },
      DependsOn: Match.arrayWith([log]),
    });
  });

  test('what EKS would install unmanaged is left out, or the managed add-ons would clash with it', () => {
    template.hasResourceProperties('AWS::EKS::Cluster', { BootstrapSelfManagedAddons: false });
  });

  test.each(['vpc-cni', 'kube-proxy', 'eks-pod-identity-agent', 'coredns', 'metrics-server'])('has %s', (AddonName) => {
    template.hasResourceProperties('AWS::EKS::Addon', { AddonName, ResolveConflicts: 'OVERWRITE' });
  });

  test('network policies are kept', () => {
    template.hasResourceProperties('AWS::EKS::Addon', {
      AddonName: 'vpc-cni',
      ConfigurationValues: '{"enableNetworkPolicy":"true"}',
    });
  });

  test('nodes come after the network, pods after the nodes', () => {
    const network = idOf(template, 'AWS::EKS::Addon', { AddonName: 'vpc-cni' });
    template.hasResource('AWS::EKS::Nodegroup', { DependsOn: Match.arrayWith([network]) });
    const nodes = idOf(template, 'AWS::EKS::Nodegroup');
    for (const AddonName of ['coredns', 'metrics-server']) {
      template.hasResource('AWS::EKS::Addon', { Properties: { AddonName }, DependsOn: Match.arrayWith([nodes]) });
    }
  });

  test('kubectl and helm reach the API and repositories by HTTPS, nothing else, with memory for large charts', () => {
    const group = idOf(template, 'AWS::EC2::SecurityGroup', { GroupDescription: 'Deployments to the cluster' });
    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      GroupDescription: 'Deployments to the cluster',
      SecurityGroupEgress: [Match.objectLike({ CidrIp: '0.0.0.0/0', FromPort: 443, ToPort: 443 })],
    });
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      GroupId: { 'Fn::GetAtt': [idOf(template, 'AWS::EKS::Cluster'), 'ClusterSecurityGroupId'] },
      SourceSecurityGroupId: { 'Fn::GetAtt': [group, 'GroupId'] },
      FromPort: 443,
    });
    template.hasResourceProperties('AWS::Lambda::Function', {
      Handler: 'index.handler',
      MemorySize: 2048,
      VpcConfig: { SecurityGroupIds: [{ 'Fn::GetAtt': [group, 'GroupId'] }] },
    });
  });

  test('kubectl has no rights to images', () => {
    expect(JSON.stringify(template.findResources('AWS::IAM::Role'))).not.toContain('ElasticContainerRegistryPublic');
  });

  test('no condition is left that nothing asks for, which CloudFormation warns of', () => {
    expect(template.toJSON()).not.toHaveProperty('Conditions');
  });

  test('the layer of kubectl is that of the version of the cluster', () => {
    template.hasResourceProperties('AWS::EKS::Cluster', { Version: '1.36' });
    template.hasResourceProperties('AWS::Lambda::LayerVersion', {
      Description: Match.stringLikeRegexp('kubectl 1\\.36\\.'),
    });
  });

  test('no rule of AwsSolutions objects', () => {
    expect(nagFindings(stack)).toEqual([]);
  });
});

test('manifests wait for nodes and DNS', () => {
  const { stack, cluster: eks } = cluster();
  new KubernetesManifest(stack, 'manifest', { cluster: eks, manifest: [] });
  const template = Template.fromStack(stack);
  const barrier = idOf(template, 'AWS::SSM::Parameter');
  template.hasResource('AWS::SSM::Parameter', {
    DependsOn: Match.arrayWith([
      idOf(template, 'AWS::EKS::Addon', { AddonName: 'coredns' }),
      idOf(template, 'AWS::EKS::Nodegroup'),
    ]),
  });
  template.hasResource('Custom::AWSCDK-EKS-KubernetesResource', { DependsOn: Match.arrayWith([barrier]) });
});

test('administrators get in by access entries', () => {
  const stack = testStack();
  const role = Role.fromRoleArn(stack, 'admin', 'arn:aws:iam::123456789012:role/admin');
  new InferenceCluster(stack, 'cluster', { vpc: existingVpc(stack), clusterName: 'shop', administrators: [role] });
  Template.fromStack(stack).hasResourceProperties('AWS::EKS::AccessEntry', {
    PrincipalArn: 'arn:aws:iam::123456789012:role/admin',
  });
});

test('the API may be opened to chosen networks', () => {
  const { stack } = cluster({ publicAccessCidrs: ['203.0.113.0/24'] });
  Template.fromStack(stack).hasResourceProperties('AWS::EKS::Cluster', {
    ResourcesVpcConfig: { EndpointPublicAccess: true, PublicAccessCidrs: ['203.0.113.0/24'] },
  });
});

test('the API is never opened to everybody', () => {
  expect(() => cluster({ publicAccessCidrs: ['0.0.0.0/0'] })).toThrow(PropsError);
});

test('a name that EKS refuses is refused here', () => {
  expect(() => cluster({ clusterName: '-shop' })).toThrow("InferenceCluster.clusterName: found '-shop'");
});
