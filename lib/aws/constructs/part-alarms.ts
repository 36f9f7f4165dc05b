import { Duration } from 'aws-cdk-lib';
import { type Alarm, MathExpression, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { cacheMetrics, type ObservedCache } from '../cache-metric';
import { MAX_REFUSED_PERCENT, type ObservedFirewall, refusedPercent } from '../firewall/metric';
import { gatewayMetric, type ObservedGateway } from '../gateway/metric';
import { type LastingAlarmProps, lastingAlarm } from '../lasting-alarm';

export interface PartAlarmsProps {
  /** Where alarms go, see AlarmTopic. */
  readonly topic: ITopic;

  /**
   * Cache that is watched.
   * @default none
   */
  readonly cache?: ObservedCache;

  /**
   * API gateway that is watched.
   * @default none
   */
  readonly gateway?: ObservedGateway;

  /**
   * Firewall that is watched.
   * @default none
   */
  readonly firewall?: ObservedFirewall;
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

  readonly #topic: ITopic;

  constructor(scope: Construct, id: string, { topic, cache, gateway, firewall }: PartAlarmsProps) {
    super(scope, id);
    this.#topic = topic;
    this.alarms = [
      ...(cache ? this.#busyCache(cache) : []),
      ...(gateway ? [this.#gatewayErrors(gateway), this.#gatewayOverhead(gateway)] : []),
      ...(firewall ? [this.#refused(firewall)] : []),
    ];
  }

  #busyCache(cache: ObservedCache): Alarm[] {
    if ('serverlessName' in cache) {
      return cacheMetrics(cache, 'ThrottledCmds', PERIOD, Stats.SUM).map((metric) =>
        this.#alarm('cache-throttled', {
          metric,
          threshold: 0,
          description: 'Cache: it refuses commands; a higher limit, or traffic that grows more slowly',
        }),
      );
    }
    return cacheMetrics(cache, 'EngineCPUUtilization', PERIOD, Stats.AVERAGE).map((metric, index) =>
      this.#alarm(`cache-node-${index + 1}`, {
        metric,
        threshold: MAX_ENGINE_CPU_PERCENT,
        description: 'Cache: a node has no time left for more commands; more shards, or a larger type',
      }),
    );
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
      description: 'API gateway: it does not reach the service in time, or the service fails',
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
      description: 'API gateway: it adds more to the latency than the service can make up for',
    });
  }

  #refused(firewall: ObservedFirewall): Alarm {
    return this.#alarm('firewall-refusals', {
      metric: refusedPercent(firewall, PERIOD),
      threshold: MAX_REFUSED_PERCENT,
      description: 'Firewall: it refuses many requests; an attack, or callers who share an address',
    });
  }

  #alarm(id: string, props: Omit<LastingAlarmProps, 'topic' | 'periods'>): Alarm {
    return lastingAlarm(this, id, { ...props, topic: this.#topic, periods: PERIODS });
  }
}
