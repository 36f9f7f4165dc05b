import { describe, expect, test } from '@jest/globals';
import type { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AlarmTopic } from '../../../../lib/aws/constructs/alarm-topic';
import { CostGuard, type CostGuardProps } from '../../../../lib/aws/constructs/cost-guard';
import { nagFindings, testStack } from '../support';

const TAG = { key: 'headroom:system', value: 'shop' };

function make(props: Partial<CostGuardProps> = {}): Stack {
  const stack = testStack();
  const { topic } = new AlarmTopic(stack, 'alarms');
  new CostGuard(stack, 'costs', { topic, budgetUsdPerMonth: 5000, ...props });
  return stack;
}

describe('the budget', () => {
  test('sends what is foreseen and what is spent', () => {
    const notice = (NotificationType: string, Threshold: number) => ({
      Notification: { NotificationType, Threshold, ThresholdType: 'PERCENTAGE', ComparisonOperator: 'GREATER_THAN' },
      Subscribers: [{ SubscriptionType: 'SNS', Address: { Ref: Match.stringLikeRegexp('alarmstopic') } }],
    });
    Template.fromStack(make()).hasResourceProperties('AWS::Budgets::Budget', {
      Budget: { BudgetType: 'COST', TimeUnit: 'MONTHLY', BudgetLimit: { Amount: 5000, Unit: 'USD' } },
      NotificationsWithSubscribers: [notice('ACTUAL', 80), notice('FORECASTED', 100), notice('ACTUAL', 100)],
    });
  });

  test('counts what has the tag, where there is one', () => {
    Template.fromStack(make({ tag: TAG })).hasResourceProperties('AWS::Budgets::Budget', {
      Budget: Match.objectLike({ CostFilters: { TagKeyValue: ['user:headroom:system$shop'] } }),
    });
  });
});

describe('the watch over what is usual', () => {
  test('is for the tag, tells at once, and waits until it may send', () => {
    // WHEN costs with a tag are watched
    const template = Template.fromStack(make({ tag: TAG }));
    // THEN there is a monitor of its own, because an account has only one for all services
    template.hasResourceProperties('AWS::CE::AnomalyMonitor', {
      MonitorType: 'CUSTOM',
      MonitorSpecification: JSON.stringify({ Tags: { Key: 'headroom:system', Values: ['shop'] } }),
    });
    template.hasResource('AWS::CE::AnomalySubscription', {
      Properties: {
        Frequency: 'IMMEDIATE',
        Subscribers: [{ Type: 'SNS', Address: { Ref: Match.stringLikeRegexp('alarmstopic') } }],
        ThresholdExpression: JSON.stringify({
          Dimensions: {
            Key: 'ANOMALY_TOTAL_IMPACT_ABSOLUTE',
            MatchOptions: ['GREATER_THAN_OR_EQUAL'],
            Values: ['500'],
          },
        }),
      },
      DependsOn: Match.arrayWith([Match.stringLikeRegexp('topicPolicy')]),
    });
  });

  test('is left to the account where there is no tag', () => {
    Template.fromStack(make()).resourceCountIs('AWS::CE::AnomalyMonitor', 0);
  });
});

test.each([{ budgetUsdPerMonth: 0 }, { anomalyUsd: -1 }])('%j is refused', (props) => {
  expect(() => make(props)).toThrow('expected an amount above 0');
});

test('AwsSolutions finds nothing that is not acknowledged', () => {
  expect(nagFindings(make({ tag: TAG }))).toEqual([]);
});
