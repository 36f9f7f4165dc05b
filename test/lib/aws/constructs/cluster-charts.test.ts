import { describe, expect, test } from '@jest/globals';
import type { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Cluster, type ICluster, KubectlProvider } from 'aws-cdk-lib/aws-eks-v2';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { ClusterMetrics } from '../../../../lib/aws/constructs/cluster-metrics';
import { CustomMetrics } from '../../../../lib/aws/constructs/custom-metrics';
import { GpuDevicePlugin } from '../../../../lib/aws/constructs/gpu-device-plugin';
import { Keda } from '../../../../lib/aws/constructs/keda';
import { LoadBalancerController } from '../../../../lib/aws/constructs/load-balancer-controller';
import { NodeAutoscaling } from '../../../../lib/aws/constructs/node-autoscaling';
import { CHARTS } from '../../../../lib/aws/constructs/pinned-chart';
import { existingVpc, nagFindings, testStack } from '../support';

const HELM = 'Custom::AWSCDK-EKS-HelmChart';

/** A stack with a cluster that is there already. */
function onCluster(build: (stack: Stack, cluster: ICluster) => void): { stack: Stack; template: Template } {
  const stack = testStack();
  const kubectlProvider = KubectlProvider.fromKubectlProviderAttributes(stack, 'kubectl', {
    serviceToken: 'arn:aws:lambda:eu-west-1:123456789012:function:kubectl',
  });
  const vpc = existingVpc(stack);
  build(stack, Cluster.fromClusterAttributes(stack, 'cluster', { clusterName: 'shop', vpc, kubectlProvider }));
  return { stack, template: Template.fromStack(stack) };
}

/** Properties and values of the one chart. */
function chartOf(template: Template) {
  const [chart] = Object.values(template.findResources(HELM));
  return { chart, values: JSON.parse(chart?.Properties.Values) };
}

/** The chart starts after the association that gives its pods their role. */
function expectIdentityFirst(template: Template, ServiceAccount: string, Namespace = 'kube-system') {
  const associations = template.findResources('AWS::EKS::PodIdentityAssociation', {
    Properties: { ServiceAccount, Namespace, ClusterName: 'shop' },
  });
  expect(Object.keys(associations)).toHaveLength(1);
  template.hasResource(HELM, { DependsOn: Match.arrayWith(Object.keys(associations)) });
}

test.each(Object.entries(CHARTS))('the chart %s has one version and comes over TLS', (_, { repository, version }) => {
  expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  expect(repository).toMatch(/^https:/);
});

describe('load balancer controller', () => {
  const { stack, template } = onCluster((scope, cluster) => new LoadBalancerController(scope, 'lbc', { cluster }));
  const { chart, values } = chartOf(template);

  test('is deployed when it is ready, not when it was sent', () => {
    expect(chart?.Properties).toMatchObject({ Chart: 'aws-load-balancer-controller', Version: '3.5.0', Wait: true });
  });

  test('need not ask the metadata service', () => {
    expect(values).toMatchObject({ clusterName: 'shop', region: 'eu-west-1', vpcId: 'vpc-1' });
  });

  test('does not stand in the way of Services', () => {
    expect(values.enableServiceMutatorWebhook).toBe(false);
  });

  test('has its rights before it starts', () => {
    expectIdentityFirst(template, 'aws-load-balancer-controller');
    const policies = Object.keys(template.findResources('AWS::IAM::Policy'));
    template.hasResource(HELM, { DependsOn: Match.arrayWith(policies) });
  });

  test('may enter targets', () => {
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: Match.arrayWith(['elasticloadbalancing:RegisterTargets']),
            Resource: 'arn:aws:elasticloadbalancing:*:*:targetgroup/*/*',
          }),
        ]),
      },
    });
  });

  test('its rights are given to pods only', () => {
    template.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [
          { Action: ['sts:AssumeRole', 'sts:TagSession'], Principal: { Service: 'pods.eks.amazonaws.com' } },
        ].map((statement) => Match.objectLike(statement)),
      },
    });
  });

  test('no rule of AwsSolutions objects', () => {
    expect(nagFindings(stack)).toEqual([]);
  });
});

describe('autoscaling of nodes', () => {
  const { stack, template } = onCluster((scope, cluster) => new NodeAutoscaling(scope, 'scaling', { cluster }));
  const { values } = chartOf(template);

  test('finds the groups of its cluster', () => {
    expect(values).toMatchObject({ autoDiscovery: { clusterName: 'shop' }, awsRegion: 'eu-west-1' });
  });

  test('is of the minor version of the cluster', () => {
    expect(values.image.tag).toMatch(/^v1\.36\./);
  });

  test('takes nodes away though their pods have scratch space, and though DNS runs there', () => {
    expect(values.extraArgs).toMatchObject({
      'skip-nodes-with-local-storage': false,
      'skip-nodes-with-system-pods': false,
    });
  });

  test('has its rights before it starts', () => {
    expectIdentityFirst(template, 'cluster-autoscaler');
  });

  test('can learn what the nodes of an empty group would have', () => {
    const statements = JSON.stringify(template.findResources('AWS::IAM::Policy'));
    expect(statements).toContain('eks:DescribeNodegroup');
    expect(statements).toContain('ec2:DescribeInstanceTypes');
  });

  test('changes groups of its own cluster only', () => {
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: ['autoscaling:SetDesiredCapacity', 'autoscaling:TerminateInstanceInAutoScalingGroup'],
            Condition: { StringEquals: { 'aws:ResourceTag/eks:cluster-name': 'shop' } },
          }),
        ]),
      },
    });
  });

  test('no rule of AwsSolutions objects', () => {
    expect(nagFindings(stack)).toEqual([]);
  });
});

describe('device plugin of NVIDIA', () => {
  const { values } = chartOf(onCluster((scope, cluster) => new GpuDevicePlugin(scope, 'gpus', { cluster })).template);

  test('runs where the label of GPUs is, not where a label is that nobody sets', () => {
    const [term] = values.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms;
    expect(term.matchExpressions).toEqual([{ key: 'headroom-gpu', operator: 'Exists' }]);
  });

  test('stands the taint of GPUs', () => {
    expect(values.tolerations).toEqual([{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }]);
  });
});

describe('Prometheus', () => {
  test('sees the objects of the workload, which bear no label of its release', () => {
    const { template } = onCluster((scope, cluster) => new ClusterMetrics(scope, 'metrics', { cluster }));
    expect(chartOf(template).values.prometheus.prometheusSpec).toMatchObject({
      podMonitorSelectorNilUsesHelmValues: false,
      ruleSelectorNilUsesHelmValues: false,
    });
  });

  test('answers where the charts of the workload look for it', () => {
    onCluster((scope, cluster) => {
      const { prometheusUrl } = new ClusterMetrics(scope, 'metrics', { cluster });
      expect(prometheusUrl).toBe('http://prometheus-operated.monitoring.svc');
    });
  });

  test('tells nobody unless it is said whom', () => {
    const { template } = onCluster((scope, cluster) => new ClusterMetrics(scope, 'metrics', { cluster }));
    expect(chartOf(template).values.alertmanager).toEqual({ enabled: false });
    template.resourceCountIs('AWS::EKS::PodIdentityAssociation', 0);
  });

  test('tells a topic of alerts', () => {
    const arn = 'arn:aws:sns:eu-west-1:123456789012:alarms';
    const { stack, template } = onCluster((scope, cluster) => {
      new ClusterMetrics(scope, 'metrics', { cluster, alertTopic: Topic.fromTopicArn(scope, 'topic', arn) });
    });
    const [receiver] = chartOf(template).values.alertmanager.config.receivers;
    expect(receiver.sns_configs).toEqual([{ topic_arn: arn, sigv4: { region: 'eu-west-1' }, send_resolved: true }]);
    expectIdentityFirst(template, 'alertmanager', 'monitoring');
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: [Match.objectLike({ Action: 'sns:Publish', Resource: arn })] },
    });
    expect(nagFindings(stack)).toEqual([]);
  });
});

describe('custom metrics', () => {
  const rules = { metadata: { name: 'rules', namespace: 'monitoring' }, data: { 'config.yaml': 'rules: []' } };
  const prometheusUrl = 'http://prometheus-operated.monitoring.svc';
  const valuesWith = (data: Record<string, string>) => {
    const props = { prometheusUrl, rules: { ...rules, data } };
    return chartOf(onCluster((scope, cluster) => new CustomMetrics(scope, 'adapter', { cluster, ...props })).template);
  };

  test('are those of the rules, and registered with the API server, which takes the default rules to be on', () => {
    const { chart, values } = valuesWith(rules.data);
    expect(values.rules).toEqual({ default: true, existing: 'rules' });
    expect(chart?.Properties.Namespace).toBe('monitoring');
  });

  test('are served anew when the rules change', () => {
    const [before, after] = [rules.data, { 'config.yaml': 'rules: [{}]' }].map((data) => valuesWith(data).values);
    expect(before.podAnnotations).not.toEqual(after.podAnnotations);
  });

  test('need rules where the adapter looks for them', () => {
    expect(() => valuesWith({ 'rules.yaml': '' })).toThrow('CustomMetrics.rules');
  });
});

test('KEDA runs twice', () => {
  const { template } = onCluster((scope, cluster) => new Keda(scope, 'keda', { cluster }));
  expect(chartOf(template).values).toMatchObject({ operator: { replicaCount: 2 }, metricsServer: { replicaCount: 2 } });
});
