import { blockPlot } from '../report/block-plot';
import { textTable } from '../report/text-table';
import { describeMachine } from './measure/machine';
import type { LoadReport, TargetReport } from './report';
import {
  failureLines,
  generatorLine,
  judgementLine,
  serviceLine,
  TARGET_HEADS,
  targetRows,
  verdictLine,
  warnings,
} from './words';

/** The report for a terminal. @param lineColumns characters of its lines; undefined: as many as it takes */
export function asText(report: LoadReport, lineColumns?: number): string {
  const { url, traffic, arrivals, machine, targets, generator, service } = report;
  const [first = '', ...heads] = TARGET_HEADS;
  const verdict = verdictLine(report);
  return [
    `${url}: ${traffic}, ${arrivals} arrivals`,
    describeMachine(machine),
    '',
    ...textTable(
      [first, ...heads.map((head) => ({ head, align: 'right' }) as const)],
      targetRows(targets),
      lineColumns,
    ),
    '',
    ...targets.flatMap(failureLines),
    ...targets.flatMap((target) => p95Plot(target, targets.length > 1, lineColumns)),
    ...(service === undefined ? [] : [serviceLine(service)]),
    generatorLine(generator),
    ...warnings(report).map((warning) => `WARNING: ${warning}`),
    ...targets.flatMap(({ name, slo }) => slo.map((judgement) => `${name}: ${judgementLine(judgement)}`)),
    ...(verdict === undefined ? [] : ['', verdict]),
    '',
  ].join('\n');
}

function p95Plot({ name, series }: TargetReport, named: boolean, lineColumns: number | undefined): string[] {
  if (series.length < 2 || series.every(({ p95Ms }) => p95Ms === undefined)) return [];
  return [
    ...(named ? [name] : []),
    ...blockPlot(
      'p95 ms',
      series.map(({ p95Ms }) => p95Ms ?? 0),
      lineColumns,
    ),
    '',
  ];
}
