import { describe, expect, test } from '@jest/globals';
import type { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { ServiceLevelAlarms, type ServiceLevelAlarmsProps } from '../../../../lib/aws/constructs/service-level-alarms';
import { nagFindings, testStack } from '../support';
import { observedPools } from './observed';

function make(props: Partial<ServiceLevelAlarmsProps> = {}): { stack: Stack; alarms: ServiceLevelAlarms } {
  const stack = testStack();
  const topic = Topic.fromTopicArn(stack, 'topic', 'arn:aws:sns:eu-west-1:123456789012:alarms');
  return { stack, alarms: new ServiceLevelAlarms(stack, 'levels', { pools: observedPools(stack), topic, ...props }) };
}

interface Part {
  readonly AlarmDescription: string;
  readonly Threshold: number;
  readonly Metrics: {
    Expression?: string;
    MetricStat?: { Metric: { MetricName: string }; Period: number; Stat: string };
  }[];
}

/** The alarms of which a composite one consists, by the end of their description. */
function parts(template: Template, name: string): Part[] {
  return Object.values(template.findResources('AWS::CloudWatch::Alarm'))
    .map(({ Properties }) => Properties)
    .filter(({ AlarmDescription }) => AlarmDescription.startsWith(`Part of ${name}:`));
}

describe('latency', () => {
  test.each([
    ['fast', 14.4 * 5, [300, 3600]],
    ['slow', 6 * 5, [1800, 21_600]],
  ])('burns %s: the share of requests over the objective in both windows', (speed, threshold, periods) => {
    // WHEN the alarms of a pool with p95 100 ms are made
    const found = parts(Template.fromStack(make().stack), `web-latency-${speed}`);
    // THEN each window counts requests that took longer than 0.1 s against a budget of 5 %
    const stat = found.map(({ Metrics }) =>
      Metrics.find(({ MetricStat }) => MetricStat?.Metric.MetricName === 'TargetResponseTime'),
    );
    expect(stat.map((metric) => metric?.MetricStat?.Stat)).toEqual(['PR(:0.1)', 'PR(:0.1)']);
    expect(stat.map((metric) => metric?.MetricStat?.Period).sort((a = 0, b = 0) => a - b)).toEqual(periods);
    for (const part of found) expect(part.Threshold).toBeCloseTo(threshold);
  });

  test('is not judged without an objective', () => {
    expect(parts(Template.fromStack(make().stack), 'jobs-latency-fast')).toEqual([]);
  });
});

describe('errors', () => {
  test.each([
    [undefined, 14.4 * 0.1],
    [99, 14.4],
  ])('burn fast with an availability of %s', (availabilityPercent, threshold) => {
    // WHEN the alarms are made
    const { stack } = make(availabilityPercent === undefined ? {} : { availabilityPercent });
    const found = parts(Template.fromStack(stack), 'jobs-errors-fast');
    // THEN failures, refusals and connections that were not taken count
    expect(found).toHaveLength(2);
    for (const { Threshold, Metrics } of found) {
      expect(Threshold).toBeCloseTo(threshold);
      const names = Metrics.flatMap(({ MetricStat }) => MetricStat?.Metric.MetricName ?? []);
      expect(names.sort()).toEqual(['HTTPCode_Target_5XX_Count', 'RequestCount', 'TargetConnectionErrorCount']);
    }
  });

  test('of all requests alarm at the lowest availability, too', () => {
    // WHEN the budget is the largest that is taken
    const found = parts(Template.fromStack(make({ availabilityPercent: 93.06 }).stack), 'jobs-errors-fast');
    // THEN an outage, in which 100 % fail, is above the threshold
    for (const { Threshold } of found) expect(Threshold).toBeCloseTo(99.936);
  });

  test.each([93.05, 100, Number.NaN])('are refused with an availability of %d', (availabilityPercent) => {
    expect(() => make({ availabilityPercent })).toThrow('expected from 93.06 and below 100');
  });
});

test('few requests alarm nobody, and none neither', () => {
  for (const part of parts(Template.fromStack(make().stack), 'web-errors-fast')) {
    expect(part.Metrics.find(({ Expression }) => Expression)?.Expression).toMatch(
      /^IF\(FILL\(requests, 0\) >= 20, .*, 0\)$/,
    );
    expect(part).toMatchObject({ TreatMissingData: 'notBreaching' });
  }
});

test('only both windows together send: one alarm for one trouble', () => {
  // WHEN the alarms are made
  const template = Template.fromStack(make().stack);
  // THEN the composite ones send, and their parts do not
  template.allResourcesProperties('AWS::CloudWatch::CompositeAlarm', {
    AlarmRule: { 'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp('AND')])] },
    AlarmActions: ['arn:aws:sns:eu-west-1:123456789012:alarms'],
  });
  for (const part of parts(template, 'web-latency-fast')) expect(part).not.toHaveProperty('AlarmActions');
});

test('a pool without a ready replica alarms, also when nothing is reported any more', () => {
  Template.fromStack(make().stack).hasResourceProperties('AWS::CloudWatch::Alarm', {
    AlarmDescription: 'Pool jobs: no replica is ready',
    MetricName: 'HealthyHostCount',
    Statistic: 'Minimum',
    Threshold: 1,
    ComparisonOperator: 'LessThanThreshold',
    TreatMissingData: 'breaching',
    AlarmActions: ['arn:aws:sns:eu-west-1:123456789012:alarms'],
  });
});

test('a pool that stands at its maximum alarms before callers notice', () => {
  Template.fromStack(make().stack).hasResourceProperties('AWS::CloudWatch::Alarm', {
    AlarmDescription: Match.stringLikeRegexp('^Pool web: has had its 20 replicas'),
    Threshold: 20,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    EvaluationPeriods: 15,
  });
});

test.each([[{ pools: [] }, 'ServiceLevelAlarms.pools: found']])('%j is refused', (props, message) => {
  expect(() => make(props)).toThrow(message);
});

test('an objective of no time is refused', () => {
  const [web] = observedPools(testStack());
  expect(() => make({ pools: [{ ...web, p95Ms: 0 }] })).toThrow(
    'ServiceLevelAlarms.pools web: found 0, expected p95Ms above 0',
  );
});

test('AwsSolutions finds nothing that is not acknowledged', () => {
  expect(nagFindings(make().stack)).toEqual([]);
});
