import { counted } from '../../lib/spec/counted';
import { number, numberColumn, numberColumns, percent, rowsOf } from '../report/numbers';
import type { Judgement } from './measure/slo';
import type { GeneratorReport, LoadReport, ServiceReport, TargetReport } from './report';

/** Milliseconds for a person; a dash where there are none. */
export function milliseconds(ms: number | undefined): string {
  return ms === undefined ? '-' : number(ms);
}

/** A line of a verdict. */
export function judgementLine({ name, unit, limit, value, holds }: Judgement): string {
  const found =
    value === undefined ? `fewer than ${name.slice(1)} of 100 requests were answered` : `${number(value)} ${unit}`;
  return `${name} ≤ ${number(limit)} ${unit}: ${found}, ${holds ? 'holds' : 'DOES NOT HOLD'}`;
}

/** Heads of {@link targetRows}. */
export const TARGET_HEADS = [
  '',
  'offered/s',
  'answered/s',
  'p50 ms',
  'p95 ms',
  'p99 ms',
  'p99.9 ms',
  'max ms',
  '429',
  '503',
  'failed',
  'cache hits',
] as const;

/** Targets as rows of a table. */
export function targetRows(targets: readonly TargetReport[]): string[][] {
  const rates = [targets.map(({ offeredQps }) => offeredQps), targets.map(({ answeredQps }) => answeredQps)];
  const latencies = (['p50', 'p95', 'p99', 'p999', 'max'] as const).map((name) =>
    targets.map(({ latencyMs }) => latencyMs[name]),
  );
  return rowsOf([
    targets.map(({ name }) => name),
    ...numberColumns(rates),
    ...numberColumns(latencies),
    ...(['tooMany', 'unavailable', 'failed'] as const).map((name) => numberColumn(targets.map((one) => one[name]))),
    targets.map(({ cacheHitRatio }) => (cacheHitRatio === undefined ? '-' : percent(cacheHitRatio))),
  ]);
}

/** Why requests failed, the most frequent first. */
export function failureLines({ name, failures }: TargetReport): string[] {
  const sorted = Object.entries(failures).sort(([, a], [, b]) => b - a);
  return sorted.map(([reason, count]) => `${name}: ${number(count)} × ${reason}`);
}

/** What the service used. */
export function serviceLine({ cores, cpuSecondsPerRequest, memoryBytes, batchRows }: ServiceReport): string {
  const perRequest =
    cpuSecondsPerRequest === undefined ? '' : `, ${number(cpuSecondsPerRequest * 1e3)} CPU ms a request`;
  const batches = batchRows === undefined ? '' : `, ${number(batchRows)} rows a run`;
  return `service: ${counted(cores, 'core', number(cores))} busy${perRequest}, ${number(memoryBytes / 2 ** 20)} MiB${batches}`;
}

/** How the generator fared. */
export function generatorLine({ cores, connections, lateP95Ms, waited }: GeneratorReport): string {
  const late =
    lateP95Ms === undefined ? '' : `, 95 of 100 requests sent within ${number(lateP95Ms)} ms of when they were due`;
  const held = waited === 0 ? '' : `; ${number(waited)} requests waited for a connection, --connections allows more`;
  return `generator: ${counted(cores, 'core', number(cores))} busy, up to ${counted(connections, 'connection')}${late}${held}`;
}

/** Whether no request got an answer that counts, so that there is nothing to tell of latency. */
export function answeredNone({ targets }: Pick<LoadReport, 'targets'>): boolean {
  return targets.every(({ answered }) => answered === 0);
}

/** Why the report is less than it seems, a sentence each. */
export function warnings(report: LoadReport): string[] {
  const { targets, generator, disturbance } = report;
  const asked = targets.some(({ offered }) => offered > 0);
  const none = asked ? 'no request was answered' : 'no request fell due in so short a time at so low a rate';
  return [
    ...(answeredNone(report) ? [none] : []),
    ...generator.limits.map((limit) => `the load generator was the limit: ${limit}`),
    ...(disturbance === undefined ? [] : [`${disturbance}: a miss says little of the service`]),
  ];
}

/** The verdict in one line; undefined without an SLO. */
export function verdictLine({ holds }: Pick<LoadReport, 'holds'>): string | undefined {
  return holds === undefined ? undefined : holds ? 'The SLO holds.' : 'The SLO does not hold.';
}
