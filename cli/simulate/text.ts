import { blockPlot } from '../report/block-plot';
import { figureLine } from '../report/figure-line';
import { duration, number } from '../report/numbers';
import type { PoolReport, SimulationReport } from './report';
import type { SeriesPoint } from './series';
import { adviceLines, totalsLine, verdictOf } from './words';

/**
 * The report for a terminal: verdict, a small plot of each pool, what to change, and where the numbers come from.
 * @param lineColumns characters of its lines; undefined: as many as it takes
 */
export function asText(report: SimulationReport, lineColumns?: number): string {
  const { spec, traffic, durationSeconds, growth, peakQps, holds, pools, skipped, figures, warnings } = report;
  return [
    `${spec}: ${traffic} traffic over ${duration(durationSeconds)}, peak ${number(peakQps)} requests/s (growth ${growth})`,
    ...warnings.map((warning) => `warning: ${warning}`),
    ...pools.flatMap((pool) => ['', ...poolLines(pool, lineColumns)]),
    ...skipped.map((name) => `\n${name}: nothing to hold, it has no requests or no SLO`),
    '',
    'Numbers (what is assumed of a model comes from profiles/<model>.json where there is one):',
    ...figures.map((figure) => `  ${figureLine(figure)}`),
    '',
    verdictOf(holds),
    '',
  ].join('\n');
}

function poolLines(pool: PoolReport, lineColumns: number | undefined): string[] {
  const slo = pool.slo === undefined ? '' : `, SLO p95 ${pool.slo.p95Ms} ms`;
  const plot = (name: string, value: (point: SeriesPoint) => number) =>
    blockPlot(name, pool.series.map(value), lineColumns);
  return [
    `${pool.name} (${pool.minReplicas} to ${pool.maxReplicasAllowed} replicas${slo}): ${pool.holds ? 'holds' : 'DOES NOT HOLD'}`,
    `  ${totalsLine(pool)}`,
    ...plot('requests/s', ({ qps }) => qps),
    ...plot('replicas', ({ replicas }) => replicas),
    ...plot('p95 ms', ({ p95Ms }) => p95Ms),
    ...(pool.lost === 0 ? [] : plot('lost/s', ({ lostQps }) => lostQps)),
    ...adviceLines(pool).map((line) => `  ${line}`),
  ];
}
