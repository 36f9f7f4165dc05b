import { expect, test } from '@jest/globals';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { PartAlarms } from '../../../../lib/aws/constructs/part-alarms';
import { nagFindings, testStack } from '../support';

const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:alarms';

function make() {
  const stack = testStack();
  const api = new RestApi(stack, 'api', { restApiName: 'predictions', deployOptions: { stageName: 'live' } });
  api.root.addMethod('GET');
  const alarms = new PartAlarms(stack, 'parts', {
    topic: Topic.fromTopicArn(stack, 'topic', TOPIC),
    cache: { nodeIds: ['cache-001', 'cache-002'] },
    gateway: { api, stage: api.deploymentStage },
    firewall: { metricName: 'firewall', region: 'eu-west-1' },
  });
  return { stack, alarms };
}

test('each node of the cache is watched for the one thread that serves it', () => {
  const template = Template.fromStack(make().stack);
  for (const Value of ['cache-001', 'cache-002']) {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'AWS/ElastiCache',
      MetricName: 'EngineCPUUtilization',
      Dimensions: [{ Name: 'CacheClusterId', Value }],
      Threshold: 80,
    });
  }
});

test('a cache without nodes is watched for commands that it refuses', () => {
  const stack = testStack();
  const topic = Topic.fromTopicArn(stack, 'topic', TOPIC);
  new PartAlarms(stack, 'parts', { topic, cache: { serverlessName: 'shop-cache' } });
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::CloudWatch::Alarm', 1);
  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    Namespace: 'AWS/ElastiCache',
    MetricName: 'ThrottledCmds',
    Dimensions: [{ Name: 'clusterId', Value: 'shop-cache' }],
    Statistic: 'Sum',
    Period: 300,
    Threshold: 0,
    ComparisonOperator: 'GreaterThanThreshold',
    AlarmActions: [TOPIC],
  });
});

test.each([
  ['Count', '5XXError', 5],
  ['Latency', 'IntegrationLatency', 100],
])('the gateway is watched by %s and %s of its stage', (first, second, Threshold) => {
  const metric = (MetricName: string) =>
    Match.objectLike({
      MetricStat: Match.objectLike({
        Metric: {
          Namespace: 'AWS/ApiGateway',
          MetricName,
          Dimensions: [
            { Name: 'ApiName', Value: 'predictions' },
            { Name: 'Stage', Value: { Ref: Match.stringLikeRegexp('Stage') } },
          ],
        },
      }),
    });
  Template.fromStack(make().stack).hasResourceProperties('AWS::CloudWatch::Alarm', {
    Metrics: Match.arrayWith([metric(first), metric(second)]),
    Threshold,
  });
});

test('the firewall is watched in its region by what all its rules refuse', () => {
  const metric = (MetricName: string) =>
    Match.objectLike({
      MetricStat: Match.objectLike({
        Metric: {
          Namespace: 'AWS/WAFV2',
          MetricName,
          Dimensions: [
            { Name: 'Region', Value: 'eu-west-1' },
            { Name: 'Rule', Value: 'ALL' },
            { Name: 'WebACL', Value: 'firewall' },
          ],
        },
        Stat: 'Sum',
      }),
    });
  Template.fromStack(make().stack).hasResourceProperties('AWS::CloudWatch::Alarm', {
    Metrics: Match.arrayWith([metric('AllowedRequests'), metric('BlockedRequests')]),
    Threshold: 20,
  });
});

test('every one of them sends, after a quarter of an hour', () => {
  Template.fromStack(make().stack).allResourcesProperties('AWS::CloudWatch::Alarm', {
    AlarmActions: [TOPIC],
    EvaluationPeriods: 3,
    TreatMissingData: 'notBreaching',
  });
});

test('what is not there is not watched', () => {
  const stack = testStack();
  const { alarms } = new PartAlarms(stack, 'parts', { topic: Topic.fromTopicArn(stack, 'topic', TOPIC) });
  expect(alarms).toEqual([]);
});

test('AwsSolutions finds nothing that is not acknowledged', () => {
  expect(nagFindings(make().alarms)).toEqual([]);
});
