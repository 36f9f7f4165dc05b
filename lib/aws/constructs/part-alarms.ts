import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, MathExpression, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { gatewayMetric, type ObservedGateway } from '../gateway/metric';

export interface PartAlarmsProps {
  /** Where alarms go, see AlarmTopic. */
  readonly topic: ITopic;

  /**
   * Cache whose nodes are watched.
   * @default none
   */
  readonly cache?: { readonly nodeIds: readonly string[] };

  /**
   * API gateway that is watched.
   * @default none
   */
  readonly gateway?: ObservedGateway;
}

const PERIOD = Duration.minutes(5);
/** A quarter of an hour: neither a burst nor a failover is worth waking somebody. */
const PERIODS = 3;

/** Redis has one thread for commands; beyond this, callers wait for each other. */
const MAX_ENGINE_CPU_PERCENT = 80;
/** Percent of a gateway's answers that are its own failures or those behind it. */
const MAX_GATEWAY_ERROR_PERCENT = 5;
/** What a gateway itself may add to the answer of the service, at the 95th percentile. */
const MAX_GATEWAY_OVERHEAD_MS = 100;

/**
 * Alarms on what stands around the service. A full cache is none: it evicts, as it should. One that works at its limit
 * costs latency before it costs hits.
 */
export class PartAlarms extends Construct {
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, { topic, cache, gateway }: PartAlarmsProps) {
    super(scope, id);
    this.alarms = [
      ...(cache?.nodeIds ?? []).map((nodeId, index) => this.#busyNode(`cache-node-${index + 1}`, nodeId)),
      ...(gateway ? [this.#gatewayErrors(gateway), this.#gatewayOverhead(gateway)] : []),
    ];
    for (const alarm of this.alarms) alarm.addAlarmAction(new SnsAction(topic));
  }

  #busyNode(id: string, nodeId: string): Alarm {
    return this.#alarm(id, {
      metric: new Metric({
        namespace: 'AWS/ElastiCache',
        metricName: 'EngineCPUUtilization',
        dimensionsMap: { CacheClusterId: nodeId },
        period: PERIOD,
        statistic: Stats.AVERAGE,
      }),
      threshold: MAX_ENGINE_CPU_PERCENT,
      alarmDescription: 'Cache: a node has no time left for more commands; more shards, or a larger type',
    });
  }

  #gatewayErrors(gateway: ObservedGateway): Alarm {
    return this.#alarm('gateway-errors', {
      metric: new MathExpression({
        label: 'errors, percent',
        period: PERIOD,
        expression: 'IF(FILL(requests, 0) > 0, 100 * FILL(errors, 0) / requests, 0)',
        usingMetrics: {
          requests: gatewayMetric(gateway, 'Count', PERIOD, Stats.SUM),
          errors: gatewayMetric(gateway, '5XXError', PERIOD, Stats.SUM),
        },
      }),
      threshold: MAX_GATEWAY_ERROR_PERCENT,
      alarmDescription: 'API gateway: it does not reach the service in time, or the service fails',
    });
  }

  #gatewayOverhead(gateway: ObservedGateway): Alarm {
    const p95 = Stats.percentile(95);
    return this.#alarm('gateway-overhead', {
      metric: new MathExpression({
        label: 'p95 of the gateway less that of the service, ms',
        period: PERIOD,
        expression: 'FILL(whole, 0) - FILL(service, 0)',
        usingMetrics: {
          whole: gatewayMetric(gateway, 'Latency', PERIOD, p95),
          service: gatewayMetric(gateway, 'IntegrationLatency', PERIOD, p95),
        },
      }),
      threshold: MAX_GATEWAY_OVERHEAD_MS,
      alarmDescription: 'API gateway: it adds more to the latency than the service can make up for',
    });
  }

  #alarm(
    id: string,
    props: { readonly metric: Metric | MathExpression; readonly threshold: number; readonly alarmDescription: string },
  ): Alarm {
    return new Alarm(this, id, {
      ...props,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: PERIODS,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}
