import { counted } from '../../../lib/spec/counted';
import { number, numberColumn, numberColumns, percent, rowsOf } from '../../report/numbers';
import { textTable } from '../../report/text-table';
import { describeMachine } from '../measure/machine';
import { milliseconds } from '../words';
import type { CapacityReport, CapacityResult, ModelCapacity, TrialReport } from './report';

const right = (head: string) => ({ head, align: 'right' }) as const;

/** Heads of {@link trialRows}. */
export const TRIAL_HEADS = ['requests/s', 'answered/s', 'p50 ms', 'p95 ms', 'p99 ms', 'lost', 'cores', 'SLO'] as const;

/** Trials as rows of a table. */
export function trialRows(trials: readonly TrialReport[]): string[][] {
  return rowsOf([
    ...numberColumns([trials.map(({ qps }) => qps), trials.map(({ answeredQps }) => answeredQps)]),
    ...numberColumns((['p50', 'p95', 'p99'] as const).map((name) => trials.map(({ latencyMs }) => latencyMs[name]))),
    numberColumn(trials.map(({ lost }) => lost)),
    numberColumn(trials.map(({ cores }) => cores)),
    trials.map(
      ({ holds, disturbance }) => `${holds ? 'holds' : 'missed'}${disturbance === undefined ? '' : ', disturbed'}`,
    ),
  ]);
}

/** A trial while the others are awaited. @param n which it is of this name, from 1 */
export function trialLine(name: string, n: number, { qps, latencyMs, holds, lost, disturbance }: TrialReport): string {
  const others = disturbance === undefined ? '' : ` (${disturbance})`;
  const refused = lost === 0 ? '' : `, ${number(lost)} lost`;
  return `${name}, trial ${n}: ${number(qps)} requests/s, p95 ${milliseconds(latencyMs.p95)} ms${refused}: ${holds ? 'holds' : 'missed'}${others}`;
}

/** The capacity in one line. */
export function capacityLine({ name, capacityQps, limitedBy, atCapacity }: CapacityResult): string {
  if (limitedBy === 'others') return `${name}: not found, as other programs kept the machine too busy`;
  if (capacityQps === undefined) return `${name}: the SLO holds at no rate`;
  const bound = limitedBy === 'max-rate' ? 'at least ' : '';
  const cpu =
    atCapacity?.cpuSecondsPerRequest === undefined
      ? ''
      : `, ${counted(atCapacity.cores ?? 0, 'core', number(atCapacity.cores ?? 0))} busy, ${number(atCapacity.cpuSecondsPerRequest * 1e3)} CPU ms a request`;
  return `${name}: ${bound}${number(capacityQps)} requests/s at p95 ${milliseconds(atCapacity?.latencyMs.p95)} ms${cpu}`;
}

/** What else was measured of a model, a line each. */
export function detailLines(model: ModelCapacity): string[] {
  const { serviceTime, batchRows, coreScaling, cacheHitRatio, memoryBytes, coldStartSeconds, profile } = model;
  const { fixedMs, perRowMs } = serviceTime;
  return [
    `alone, a request of n rows takes ${number(fixedMs)} + ${number(perRowMs)} n ms`,
    ...(batchRows === undefined ? [] : [`${number(batchRows)} rows a run at capacity`]),
    ...coreScaling.map(
      ({ cores, capacityQps }) => `on ${counted(cores, 'core')} alone: ${number(capacityQps)} requests/s`,
    ),
    ...(cacheHitRatio === undefined ? [] : [`${percent(cacheHitRatio)} of the rows came from the cache`]),
    ...(memoryBytes === undefined ? [] : [`${number(memoryBytes / 2 ** 20)} MiB of memory`]),
    ...(coldStartSeconds === undefined ? [] : [`${number(coldStartSeconds)} s from its start to the first answer`]),
    ...(profile === undefined ? [] : [`profile: ${profile}`]),
  ];
}

/** The report for a terminal. @param lineColumns characters of its lines; default: as many as it takes */
export function capacityText(
  { url, machine, models, mix, warnings }: CapacityReport,
  lineColumns = Number.POSITIVE_INFINITY,
): string {
  return [
    url,
    describeMachine(machine),
    ...models.flatMap((model) => [
      '',
      capacityLine(model),
      ...detailLines(model).map((line) => `  ${line}`),
      ...latencyLines(model.latency, lineColumns),
    ]),
    ...(mix === undefined ? [] : ['', capacityLine(mix)]),
    '',
    ...warnings.map((warning) => `WARNING: ${warning}`),
  ].join('\n');
}

/** Trials as a table, with what the word in it means where it stands there; nothing where there are none. */
function latencyLines(trials: readonly TrialReport[], lineColumns: number): string[] {
  if (trials.length === 0) return [];
  const table = textTable(TRIAL_HEADS.map(right), trialRows(trials), lineColumns - 2).map((line) => `  ${line}`);
  if (trials.every(({ disturbance }) => disturbance === undefined)) return table;
  return [
    ...table,
    '  disturbed: other programs kept much of the machine busy, so a miss there says nothing of the service',
  ];
}
