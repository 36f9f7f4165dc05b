import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  type AlarmBase,
  type AlarmProps,
  AlarmRule,
  ComparisonOperator,
  CompositeAlarm,
  type IMetric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { PropsError } from '../errors';
import {
  checkPools,
  errorPercent,
  type ObservedPool,
  readyReplicas,
  SLOW_BUDGET_PERCENT,
  slowPercent,
} from '../pool-metrics';

export interface ServiceLevelAlarmsProps {
  /** Attached to a load balancer. */
  readonly pools: readonly ObservedPool[];

  /** Where alarms go, see AlarmTopic. */
  readonly topic: ITopic;

  /**
   * Percent of requests that are to be answered without an error, from 93.06 and below 100.
   * @default 99.9
   */
  readonly availabilityPercent?: number;
}

/** How fast an error budget burns, seen over a long time and a short one. */
interface BurnWindow {
  readonly name: string;
  /** 1 uses the budget of 30 days up in 30 days. */
  readonly rate: number;
  readonly long: Duration;
  /** Ends the alarm soon after the trouble. */
  readonly short: Duration;
}

/**
 * Two percent of a month's budget in an hour, five in six hours. Source: Google, The Site Reliability Workbook, chapter
 * 5, "Multiwindow, Multi-Burn-Rate Alerts".
 */
const WINDOWS: readonly BurnWindow[] = [
  { name: 'fast', rate: 14.4, long: Duration.hours(1), short: Duration.minutes(5) },
  { name: 'slow', rate: 6, long: Duration.hours(6), short: Duration.minutes(30) },
];

/**
 * Percent. Below it, not even an outage burns as fast as the fast window asks: with a budget of 10 %, 14.4 times its speed
 * would be 144 % of requests. Source: the same chapter, "Extreme Availability Goals".
 */
const MIN_AVAILABILITY_PERCENT = Math.ceil((100 - 100 / Math.max(...WINDOWS.map(({ rate }) => rate))) * 100) / 100;

/** A pool may stand at its maximum for a peak; longer means that it is too small. */
const SATURATED_MINUTES = 15;

/**
 * Alarms on what callers are owed, by the speed at which the error budget burns: latency against the p95 of the pool,
 * and errors. And on a pool without replicas, or that has as many as it may have. Seen by the load balancer, as the
 * objective says: see docs/decisions/0014-service-levels-at-the-load-balancer.md.
 */
export class ServiceLevelAlarms extends Construct {
  /** Those that send; the others are parts of them. */
  readonly alarms: readonly AlarmBase[];

  /** @throws PropsError for an objective that cannot be kept or broken */
  constructor(scope: Construct, id: string, props: ServiceLevelAlarmsProps) {
    super(scope, id);
    const { pools, topic, availabilityPercent = 99.9 } = props;
    checkPools('ServiceLevelAlarms.pools', pools);
    if (!(availabilityPercent >= MIN_AVAILABILITY_PERCENT && availabilityPercent < 100)) {
      const allowed = `from ${MIN_AVAILABILITY_PERCENT} and below 100`;
      throw new PropsError('ServiceLevelAlarms.availabilityPercent', availabilityPercent, allowed);
    }
    const errorBudgetPercent = 100 - availabilityPercent;
    this.alarms = pools.flatMap((pool) => [
      ...WINDOWS.flatMap((window) => [
        ...this.#latency(pool, window),
        this.#burn(pool, window, 'errors', errorBudgetPercent, (period) => errorPercent(pool, period)),
      ]),
      this.#withoutReplicas(pool),
      ...this.#saturated(pool),
    ]);
    for (const alarm of this.alarms) alarm.addAlarmAction(new SnsAction(topic));
  }

  #latency(pool: ObservedPool, window: BurnWindow): AlarmBase[] {
    const { p95Ms } = pool;
    if (p95Ms === undefined) return [];
    return [this.#burn(pool, window, 'latency', SLOW_BUDGET_PERCENT, (period) => slowPercent(pool, p95Ms, period))];
  }

  /** Both windows at once: the long one tells that it matters, the short one that it goes on. */
  #burn(
    { name: pool }: ObservedPool,
    { name, rate, long, short }: BurnWindow,
    objective: 'latency' | 'errors',
    budgetPercent: number,
    percentOver: (period: Duration) => IMetric,
  ): AlarmBase {
    const id = `${pool}-${objective}-${name}`;
    const parts = Object.entries({ long, short }).map(([length, period]) =>
      this.#alarm(`${id}-${length}`, percentOver(period), {
        threshold: rate * budgetPercent,
        comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
        description: `Part of ${id}: over ${period.toHumanString()}`,
      }),
    );
    return new CompositeAlarm(this, id, {
      alarmRule: AlarmRule.allOf(...parts),
      alarmDescription: `Pool ${pool}: ${objective} use the error budget up ${rate} times as fast as it lasts for 30 days`,
    });
  }

  #withoutReplicas(pool: ObservedPool): AlarmBase {
    return this.#alarm(`${pool.name}-without-replicas`, readyReplicas(pool, Duration.minutes(1)), {
      threshold: 1,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: 3,
      description: `Pool ${pool.name}: no replica is ready`,
      // A load balancer counts as long as it has targets.
      treatMissingData: TreatMissingData.BREACHING,
    });
  }

  #saturated(pool: ObservedPool): AlarmBase[] {
    if (pool.maxReplicas === undefined) return [];
    return [
      this.#alarm(`${pool.name}-saturated`, readyReplicas(pool, Duration.minutes(1)), {
        threshold: pool.maxReplicas,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        evaluationPeriods: SATURATED_MINUTES,
        description: `Pool ${pool.name}: has had its ${pool.maxReplicas} replicas for ${SATURATED_MINUTES} minutes and cannot grow`,
      }),
    ];
  }

  #alarm(
    id: string,
    metric: IMetric,
    {
      description,
      ...props
    }: { readonly description: string } & Omit<AlarmProps, 'metric' | 'evaluationPeriods'> &
      Partial<Pick<AlarmProps, 'evaluationPeriods'>>,
  ): Alarm {
    return new Alarm(this, id, {
      metric,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      alarmDescription: description,
      ...props,
    });
  }
}
