import { CfnOutput } from 'aws-cdk-lib';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { AlarmTopic } from '../constructs/alarm-topic';
import { CostGuard } from '../constructs/cost-guard';
import { SYSTEM_TAG } from '../names';
import { type PlatformRegion, PlatformStack } from './platform-stack';

/**
 * Where alarms go, and the watch over costs. Before all else, because the rest costs from its first hour on, and after
 * it, because whoever subscribed stays so whatever is made anew.
 */
export class AlarmsStack extends PlatformStack {
  readonly topic: ITopic;

  constructor(scope: Construct, place: PlatformRegion) {
    super(scope, 'alarms', place, 'where alarms go, and the watch over costs');
    const { spec, region } = place;
    this.topic = new AlarmTopic(this, 'alarms').topic;
    const { budgetUsdPerMonth } = spec.aws;
    // The costs of all regions are watched from the first.
    if (budgetUsdPerMonth !== undefined && region === spec.aws.region) {
      const tag = { key: SYSTEM_TAG, value: spec.name };
      new CostGuard(this, 'costs', { topic: this.topic, budgetUsdPerMonth, tag });
    }
    new CfnOutput(this, 'AlarmTopicArn', { value: this.topic.topicArn });
  }
}
