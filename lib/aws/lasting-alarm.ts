import {
  Alarm,
  ComparisonOperator,
  type MathExpression,
  type Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

export interface LastingAlarmProps {
  readonly topic: ITopic;
  readonly metric: Metric | MathExpression;
  /** Above which it is too much. */
  readonly threshold: number;
  /** Periods of the metric for which it must be too much, one after the other. */
  readonly periods: number;
  readonly description: string;
}

/** Tells a topic when a metric stays above a threshold. Where nothing is measured, nothing happens: that is no alarm. */
export function lastingAlarm(scope: Construct, id: string, props: LastingAlarmProps): Alarm {
  const { topic, metric, threshold, periods, description } = props;
  const alarm = new Alarm(scope, id, {
    metric,
    threshold,
    alarmDescription: description,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: periods,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
  alarm.addAlarmAction(new SnsAction(topic));
  return alarm;
}
