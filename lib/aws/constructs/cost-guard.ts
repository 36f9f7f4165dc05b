import { Stack } from 'aws-cdk-lib';
import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import { CfnAnomalyMonitor, CfnAnomalySubscription } from 'aws-cdk-lib/aws-ce';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { PropsError } from '../errors';

export interface CostGuardProps {
  /** Where notices go, see AlarmTopic. */
  readonly topic: ITopic;

  /** US dollars a month. */
  readonly budgetUsdPerMonth: number;

  /**
   * A tag of all that counts. It must be switched on as a cost allocation tag in the account's billing, once: until
   * then nothing has it, and nothing is counted.
   * @default everything in the account counts, and only the budget is watched
   */
  readonly tag?: { readonly key: string; readonly value: string };

  /**
   * US dollars by which a day must differ from what was to be expected.
   * @default a tenth of the budget of a month
   */
  readonly anomalyUsd?: number;
}

/** Percent of the budget that bring a notice: once spent, or once foreseen for the end of the month. */
const NOTICES = [
  { type: 'ACTUAL', percent: 80 },
  { type: 'FORECASTED', percent: 100 },
  { type: 'ACTUAL', percent: 100 },
] as const;

/**
 * Tells when costs run away: against a budget, and against what was usual. The watch over what is usual is for a tag
 * only, because an account may have only one for all its services, and has that from the beginning.
 */
export class CostGuard extends Construct {
  /** @throws PropsError for amounts that are none */
  constructor(scope: Construct, id: string, props: CostGuardProps) {
    super(scope, id);
    const { topic, budgetUsdPerMonth, tag, anomalyUsd = budgetUsdPerMonth / 10 } = props;
    checkAmount('budgetUsdPerMonth', budgetUsdPerMonth);
    checkAmount('anomalyUsd', anomalyUsd);
    new CfnBudget(this, 'budget', {
      budget: {
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: budgetUsdPerMonth, unit: 'USD' },
        ...(tag && { costFilters: { TagKeyValue: [`user:${tag.key}$${tag.value}`] } }),
      },
      notificationsWithSubscribers: NOTICES.map(({ type, percent }) => ({
        notification: {
          notificationType: type,
          comparisonOperator: 'GREATER_THAN',
          threshold: percent,
          thresholdType: 'PERCENTAGE',
        },
        subscribers: [{ subscriptionType: 'SNS', address: topic.topicArn }],
      })),
    });
    if (tag) this.#watch(topic, tag, anomalyUsd);
  }

  #watch(topic: ITopic, tag: { readonly key: string; readonly value: string }, anomalyUsd: number): void {
    const stack = Stack.of(this);
    const monitor = new CfnAnomalyMonitor(this, 'monitor', {
      monitorName: `${tag.value}: costs`,
      monitorType: 'CUSTOM',
      monitorSpecification: stack.toJsonString({ Tags: { Key: tag.key, Values: [tag.value] } }),
    });
    const subscription = new CfnAnomalySubscription(this, 'subscription', {
      subscriptionName: `${tag.value}: unusual costs`,
      // A topic takes single notices only, no daily sums.
      frequency: 'IMMEDIATE',
      monitorArnList: [monitor.attrMonitorArn],
      subscribers: [{ type: 'SNS', address: topic.topicArn }],
      thresholdExpression: stack.toJsonString({
        Dimensions: {
          Key: 'ANOMALY_TOTAL_IMPACT_ABSOLUTE',
          MatchOptions: ['GREATER_THAN_OR_EQUAL'],
          Values: [String(anomalyUsd)],
        },
      }),
    });
    // It is refused unless it may already write to the topic.
    subscription.node.addDependency(topic);
  }
}

function checkAmount(prop: string, usd: number): void {
  if (usd > 0) return;
  throw new PropsError(`CostGuard.${prop}`, usd, 'an amount above 0');
}
