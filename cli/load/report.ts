import { number, sixDigits } from '../report/numbers';
import type { DriveOutcome, GeneratorUse } from './drive';
import { generatorLimits } from './measure/generator-limits';
import type { Latencies, LatencyBar } from './measure/latencies';
import { type Machine, thisMachine } from './measure/machine';
import type { LoadPoint, Recorder } from './measure/recorder';
import type { ServiceUse } from './measure/service-metrics';
import { type Judgement, judge, type LoadSlo } from './measure/slo';

/** Percentiles in milliseconds, of the answers alone; undefined where there were none. */
export interface LatencySummary {
  readonly p50: number | undefined;
  readonly p90: number | undefined;
  readonly p95: number | undefined;
  readonly p99: number | undefined;
  readonly p999: number | undefined;
  readonly max: number | undefined;
}

/** What happened to the requests of one model or path, or of all together. */
export interface TargetReport {
  readonly name: string;
  readonly digest: string | undefined;
  /** Different inputs that were asked for, at most. */
  readonly distinctInputs: number | undefined;
  readonly offered: number;
  readonly answered: number;
  /** Status 429. */
  readonly tooMany: number;
  /** Status 503. */
  readonly unavailable: number;
  readonly failed: number;
  readonly failures: Readonly<Record<string, number>>;
  readonly offeredQps: number;
  readonly answeredQps: number;
  readonly latencyMs: LatencySummary;
  /** Share of the answers that came whole from the prediction cache; undefined where the service does not say. */
  readonly cacheHitRatio: number | undefined;
  readonly slo: readonly Judgement[];
  readonly histogram: readonly LatencyBar[];
  readonly series: readonly LoadPoint[];
}

/** How the load generator fared. */
export interface GeneratorReport {
  readonly cores: number;
  readonly loopBusy: number;
  readonly lateP95Ms: number | undefined;
  readonly connections: number;
  readonly waited: number;
  /** Why it, and not the service, was the limit; empty where it was not. */
  readonly limits: readonly string[];
}

/** What the service used, from its metrics. */
export interface ServiceReport extends ServiceUse {
  /** Cores that it kept busy. */
  readonly cores: number;
  readonly cpuSecondsPerRequest: number | undefined;
}

/** What `headroom load --json` prints and what the other forms are made of. */
export interface LoadReport {
  readonly report: 'load';
  /** ISO 8601. */
  readonly at: string;
  readonly url: string;
  readonly machine: Machine;
  readonly traffic: string;
  readonly arrivals: string;
  readonly seconds: number;
  readonly targets: readonly TargetReport[];
  /** Whether every target of the SLO holds; undefined without an SLO, and where it held until an interrupt. */
  readonly holds: boolean | undefined;
  readonly generator: GeneratorReport;
  readonly service: ServiceReport | undefined;
  /** What other programs did meanwhile, so that a miss says little of the service; undefined where they did little. */
  readonly disturbance: string | undefined;
}

/** What a target was, beside what happened to its requests. */
export interface ReportedTarget {
  readonly name: string;
  readonly digest: string | undefined;
  readonly distinctInputs: number | undefined;
  readonly slo: LoadSlo | undefined;
}

const BARS = 60;

/** The outcome of a run in the words of the report. */
export function reportOf(
  outcome: DriveOutcome,
  targets: readonly ReportedTarget[],
  service: ServiceUse | undefined,
  about: Pick<LoadReport, 'at' | 'url' | 'traffic' | 'arrivals' | 'disturbance'>,
): LoadReport {
  const { recorders, measuredSeconds, generator, stopped } = outcome;
  const reports = recorders.flatMap((recorder, i) => {
    const target = targets[i];
    return target === undefined ? [] : [targetReport(target, recorder, measuredSeconds)];
  });
  const judgements = reports.flatMap(({ slo }) => slo);
  const held = judgements.every(({ holds }) => holds);
  const answered = reports.reduce((sum, report) => sum + report.answered, 0);
  return {
    report: 'load',
    ...about,
    traffic: stopped ? `${about.traffic}, stopped after ${number(measuredSeconds)} s` : about.traffic,
    machine: thisMachine(),
    seconds: sixDigits(measuredSeconds),
    targets: reports,
    holds: judgements.length === 0 || (stopped && held) ? undefined : held,
    generator: generatorReport(generator),
    service: service && serviceReport(service, generator.sent, answered / measuredSeconds),
  };
}

function targetReport(target: ReportedTarget, recorder: Recorder, seconds: number): TargetReport {
  const { latencies, offered, answered, tooMany, unavailable, failed, failures, cache, points } = recorder;
  const { hit, partial, miss, off } = cache;
  const seen = hit + partial + miss + off;
  return {
    name: target.name,
    digest: target.digest,
    distinctInputs: target.distinctInputs,
    offered,
    answered,
    tooMany,
    unavailable,
    failed,
    failures: Object.fromEntries(failures),
    offeredQps: sixDigits(offered / seconds),
    answeredQps: sixDigits(answered / seconds),
    latencyMs: latencySummary(latencies),
    cacheHitRatio: seen === 0 ? undefined : sixDigits(hit / seen),
    slo: target.slo === undefined ? [] : judge(target.slo, latencies, recorder.lost),
    histogram: latencies.bars(BARS),
    series: points,
  };
}

/** The percentiles that reports give. */
export function latencySummary(latencies: Latencies): LatencySummary {
  const at = (percentile: number) => latencies.percentileMs(percentile);
  return { p50: at(50), p90: at(90), p95: at(95), p99: at(99), p999: at(99.9), max: at(100) };
}

function generatorReport(use: GeneratorUse): GeneratorReport {
  return {
    cores: sixDigits(use.cores),
    loopBusy: sixDigits(use.loopBusy),
    lateP95Ms: use.lateness.percentileMs(95),
    connections: use.mostConnections,
    waited: use.waited,
    limits: generatorLimits(use),
  };
}

/** The warm-up is in the metrics, so it is set against its requests, too. @param sent warm-up included */
function serviceReport(use: ServiceUse, sent: number, answeredQps: number): ServiceReport {
  const cpuSecondsPerRequest = sent === 0 ? undefined : use.cpuSeconds / sent;
  return { ...use, cores: sixDigits((cpuSecondsPerRequest ?? 0) * answeredQps), cpuSecondsPerRequest };
}
