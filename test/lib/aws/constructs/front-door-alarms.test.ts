import { describe, expect, test } from '@jest/globals';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { FrontDoorAlarms } from '../../../../lib/aws/constructs/front-door-alarms';
import { nagFindings, testStack } from '../support';
import { edgeStack, observedFrontDoor } from './observed';

const TOPIC = 'arn:aws:sns:us-east-1:123456789012:alarms';

function make(p95Ms?: number, stack = edgeStack()) {
  const topic = Topic.fromTopicArn(stack, 'topic', TOPIC);
  const { alarms } = new FrontDoorAlarms(stack, 'alarms', { frontDoor: observedFrontDoor(stack, p95Ms), topic });
  return { stack, alarms };
}

interface AlarmProperties {
  readonly Metrics?: {
    readonly Id: string;
    readonly Expression?: string;
    readonly MetricStat?: {
      readonly Metric: { readonly Namespace: string; readonly MetricName: string; readonly Dimensions: object[] };
      readonly Period: number;
      readonly Stat: string;
    };
  }[];
}

/** The alarm whose description holds a text. */
function alarm(text: string, p95Ms?: number): AlarmProperties {
  const found = Template.fromStack(make(p95Ms).stack).findResources('AWS::CloudWatch::Alarm', {
    Properties: { AlarmDescription: Match.stringLikeRegexp(text) },
  });
  const [only, ...others] = Object.values(found);
  if (only === undefined || others.length > 0) throw new Error(`one alarm, expected for ${text}`);
  return only.Properties;
}

const OF_DISTRIBUTION = [
  { Name: 'DistributionId', Value: 'E2EXAMPLE' },
  { Name: 'Region', Value: 'Global' },
];
const OF_FUNCTION = [
  { Name: 'FunctionName', Value: 'entrance' },
  { Name: 'Region', Value: 'Global' },
];
const OF_FIREWALL = [
  { Name: 'Rule', Value: 'ALL' },
  { Name: 'WebACL', Value: 'edge-firewall' },
];

/** Each metric of an expression as namespace, name, statistic, seconds and dimensions. */
function parts({ Metrics = [] }: AlarmProperties) {
  return Metrics.flatMap(({ MetricStat }) =>
    MetricStat
      ? [
          [
            `${MetricStat.Metric.Namespace} ${MetricStat.Metric.MetricName} ${MetricStat.Stat} ${MetricStat.Period}`,
            MetricStat.Metric.Dimensions,
          ],
        ]
      : [],
  );
}

function expression({ Metrics = [] }: AlarmProperties): string | undefined {
  return Metrics.find(({ Expression }) => Expression !== undefined)?.Expression;
}

test.each([
  ['callers get errors', '5xxErrorRate', 60, 1, 5],
  ['no key that is known', '401ErrorRate', 300, 20, 3],
])(
  '%s: the share of %s over %d s is above %d %% for %d of them',
  (text, name, seconds, Threshold, EvaluationPeriods) => {
    // WHEN the alarms are made
    const found = alarm(text);
    // THEN the rate counts where there are requests enough to tell
    expect(expression(found)).toBe('IF(FILL(requests, 0) >= 20, FILL(rate, 0), 0)');
    expect(parts(found)).toEqual([
      [`AWS/CloudFront Requests Sum ${seconds}`, OF_DISTRIBUTION],
      [`AWS/CloudFront ${name} Average ${seconds}`, OF_DISTRIBUTION],
    ]);
    expect(found).toMatchObject({
      Threshold,
      EvaluationPeriods,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
    });
  },
);

describe('the latency of the regions', () => {
  test('is held against the objective and the way there and back', () => {
    const found = alarm('longer than their p95', 100);
    expect(parts(found)).toEqual([['AWS/CloudFront OriginLatency p95 300', OF_DISTRIBUTION]]);
    expect(found).toMatchObject({ Threshold: 400, EvaluationPeriods: 3, TreatMissingData: 'notBreaching' });
  });

  test('is not judged without an objective', () => {
    expect(() => alarm('longer than their p95')).toThrow('one alarm');
  });

  test.each([0, -1, Number.NaN])('is not held against %d ms', (p95Ms) => {
    expect(() => make(p95Ms)).toThrow(`FrontDoorAlarms.frontDoor: found ${p95Ms}, expected p95Ms above 0`);
  });
});

test('a quarter of an hour without any request alarms, above all when nothing is reported any more', () => {
  const found = alarm('nobody has come');
  expect(parts(found)).toEqual([['AWS/CloudFront Requests Sum 300', OF_DISTRIBUTION]]);
  expect(found).toMatchObject({
    Threshold: 1,
    EvaluationPeriods: 3,
    ComparisonOperator: 'LessThanThreshold',
    TreatMissingData: 'breaching',
  });
});

test('a firewall that refuses a fifth of all requests alarms, counted without a region', () => {
  const found = alarm('firewall refuses');
  expect(expression(found)).toBe(
    'IF(FILL(allowed, 0) + FILL(refused, 0) >= 20, 100 * FILL(refused, 0) / (FILL(allowed, 0) + FILL(refused, 0)), 0)',
  );
  expect(parts(found)).toEqual([
    ['AWS/WAFV2 AllowedRequests Sum 300', OF_FIREWALL],
    ['AWS/WAFV2 BlockedRequests Sum 300', OF_FIREWALL],
  ]);
  expect(found).toMatchObject({ Threshold: 20, EvaluationPeriods: 3, TreatMissingData: 'notBreaching' });
});

test('a function that fails, answers nonsense or is stopped alarms at once', () => {
  const found = alarm('checks keys fails');
  expect(expression(found)).toBe('FILL(failed, 0) + FILL(invalid, 0) + FILL(throttled, 0)');
  expect(parts(found)).toEqual([
    ['AWS/CloudFront FunctionExecutionErrors Sum 60', OF_FUNCTION],
    ['AWS/CloudFront FunctionValidationErrors Sum 60', OF_FUNCTION],
    ['AWS/CloudFront FunctionThrottles Sum 60', OF_FUNCTION],
  ]);
  expect(found).toMatchObject({ Threshold: 0, EvaluationPeriods: 5, ComparisonOperator: 'GreaterThanThreshold' });
});

test('a function that has nearly used up its time alarms before it fails', () => {
  const found = alarm('nearly used up its time');
  expect(parts(found)).toEqual([['AWS/CloudFront FunctionComputeUtilization Average 300', OF_FUNCTION]]);
  expect(found).toMatchObject({ Threshold: 80, EvaluationPeriods: 3, TreatMissingData: 'notBreaching' });
});

test('every one of them sends', () => {
  const { stack, alarms } = make(100);
  Template.fromStack(stack).allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: [TOPIC] });
  expect(alarms).toHaveLength(7);
});

test('in another region, where nothing of CloudFront is counted, they are refused', () => {
  expect(() => make(100, testStack())).toThrow(
    "FrontDoorAlarms: found 'alarms on CloudFront in a stack in eu-west-1', expected a stack in us-east-1",
  );
});

test('AwsSolutions finds nothing that is not acknowledged', () => {
  expect(nagFindings(make(100).stack)).toEqual([]);
});
