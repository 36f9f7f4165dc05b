import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { checkEdgeRegion } from '../edge/edge-region';
import {
  checkFrontDoor,
  distributionMetric,
  functionFailures,
  functionMetric,
  type ObservedFrontDoor,
  ratePercent,
} from '../edge/metric';
import { MAX_REFUSED_PERCENT, refusedPercent } from '../firewall/metric';
import { lastingAlarm } from '../lasting-alarm';

export interface FrontDoorAlarmsProps {
  readonly frontDoor: ObservedFrontDoor;

  /** Where alarms go, see AlarmTopic; in us-east-1, because alarms send to topics of their own region only. */
  readonly topic: ITopic;
}

/** What nobody gets past is told soon. Source: CloudWatch user guide, "Recommended alarms", CloudFront: five of 1 minute. */
const MINUTE = Duration.minutes(1);
const MINUTES = 5;
/** A quarter of an hour for what may have its reasons, as for the other parts of a platform. */
const FIVE_MINUTES = Duration.minutes(5);
const QUARTER = 3;

/** Ten times what an availability of 99.9 % leaves. */
const MAX_ERROR_PERCENT = 1;
/** Percent of requests without a key that is known: somebody tries keys, or the store of keys has lost some. */
const MAX_UNKNOWN_PERCENT = 20;
/** Milliseconds that the way from any place at the edge to the nearest region and back may take: half round the Earth. */
export const MAX_WAY_MS = 300;
/** Percent of the time that CloudFront gives a function. */
const MAX_FUNCTION_PERCENT = 80;

/**
 * Alarms on an entrance at the edge, which see what none of the regions behind it can: requests that never reached one.
 * What a region itself owes is watched there, see ServiceLevelAlarms.
 *
 * For the stack in us-east-1, where CloudFront and its firewall are counted. An entrance that nobody comes through for a
 * quarter of an hour is one, too, so it is for systems that are always asked.
 */
export class FrontDoorAlarms extends Construct {
  readonly alarms: readonly Alarm[];

  /** @throws PropsError for a stack in another region, or an objective that is no time */
  constructor(scope: Construct, id: string, { frontDoor, topic }: FrontDoorAlarmsProps) {
    super(scope, id);
    checkEdgeRegion(this, 'FrontDoorAlarms', 'alarms on CloudFront');
    checkFrontDoor('FrontDoorAlarms.frontDoor', frontDoor);
    this.alarms = [
      lastingAlarm(this, 'errors', {
        topic,
        metric: ratePercent(frontDoor, '5xxErrorRate', MINUTE),
        threshold: MAX_ERROR_PERCENT,
        periods: MINUTES,
        description: 'Front door: callers get errors; where no region has any, CloudFront does not reach them',
      }),
      ...this.#latency(frontDoor, topic),
      this.#silence(frontDoor, topic),
      lastingAlarm(this, 'unknown-callers', {
        topic,
        metric: ratePercent(frontDoor, '401ErrorRate', FIVE_MINUTES),
        threshold: MAX_UNKNOWN_PERCENT,
        periods: QUARTER,
        description: 'Front door: many requests have no key that is known; somebody tries keys, or keys are lost',
      }),
      lastingAlarm(this, 'refused', {
        topic,
        metric: refusedPercent(frontDoor.firewall, FIVE_MINUTES),
        threshold: MAX_REFUSED_PERCENT,
        periods: QUARTER,
        description: 'Front door: its firewall refuses many requests; an attack, or a consumer beyond its rate',
      }),
      lastingAlarm(this, 'function-failures', {
        topic,
        metric: functionFailures(frontDoor, MINUTE),
        threshold: 0,
        periods: MINUTES,
        description: 'Front door: the function that checks keys fails, and with it each request that it fails for',
      }),
      lastingAlarm(this, 'function-time', {
        topic,
        metric: functionMetric(frontDoor, 'FunctionComputeUtilization', FIVE_MINUTES, Stats.AVERAGE),
        threshold: MAX_FUNCTION_PERCENT,
        periods: QUARTER,
        description: 'Front door: the function that checks keys has nearly used up its time; beyond it requests fail',
      }),
    ];
  }

  #latency(frontDoor: ObservedFrontDoor, topic: ITopic): Alarm[] {
    if (frontDoor.p95Ms === undefined) return [];
    return [
      lastingAlarm(this, 'latency', {
        topic,
        metric: distributionMetric(frontDoor, 'OriginLatency', FIVE_MINUTES, Stats.percentile(95)),
        threshold: frontDoor.p95Ms + MAX_WAY_MS,
        periods: QUARTER,
        description: 'Front door: answers from the regions take longer than their p95 and the way there and back',
      }),
    ];
  }

  /** A name that leads elsewhere, or a certificate that ended: no request, and so no error either. */
  #silence(frontDoor: ObservedFrontDoor, topic: ITopic): Alarm {
    const alarm = new Alarm(this, 'silence', {
      metric: distributionMetric(frontDoor, 'Requests', FIVE_MINUTES, Stats.SUM),
      threshold: 1,
      alarmDescription: 'Front door: nobody has come through it; its name, certificate or distribution may be gone',
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: QUARTER,
      treatMissingData: TreatMissingData.BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(topic));
    return alarm;
  }
}
