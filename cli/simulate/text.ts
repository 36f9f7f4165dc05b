import type { PoolReport, SimulationReport } from './report';
import type { SeriesPoint } from './series';
import { adviceLines, duration, figureLine, number, totalsLine } from './words';

const COLUMNS = 72;
const ROWS = 4;
const BLOCKS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** The report for a terminal: verdict, a small plot of each pool, what to change, and where the numbers come from. */
export function asText(report: SimulationReport): string {
  const { spec, traffic, durationSeconds, growth, peakQps, holds, pools, skipped, figures, warnings } = report;
  return [
    `${spec}: ${traffic} traffic over ${duration(durationSeconds)}, peak ${number(peakQps)} requests/s (growth ${growth})`,
    ...warnings.map((warning) => `warning: ${warning}`),
    ...pools.flatMap((pool) => ['', ...poolLines(pool)]),
    ...skipped.map((name) => `\n${name}: nothing to hold, it has no requests or no SLO`),
    '',
    'Numbers (what is assumed of a model comes from profiles/<model>.json where there is one):',
    ...figures.map((figure) => `  ${figureLine(figure)}`),
    '',
    holds ? 'It holds.' : 'It does not hold.',
    '',
  ].join('\n');
}

function poolLines(pool: PoolReport): string[] {
  const slo = pool.slo === undefined ? '' : `, SLO p95 ${pool.slo.p95Ms} ms`;
  return [
    `${pool.name} (${pool.minReplicas} to ${pool.maxReplicasAllowed} replicas${slo}): ${pool.holds ? 'holds' : 'DOES NOT HOLD'}`,
    `  ${totalsLine(pool)}`,
    ...plot('requests/s', pool.series, ({ qps }) => qps),
    ...plot('replicas', pool.series, ({ replicas }) => replicas),
    ...plot('p95 ms', pool.series, ({ p95Ms }) => p95Ms),
    ...(pool.lost === 0 ? [] : plot('lost/s', pool.series, ({ lostQps }) => lostQps)),
    ...adviceLines(pool).map((line) => `  ${line}`),
  ];
}

/** Columns of blocks, the highest value of each; the scale is at the left. */
function plot(name: string, series: readonly SeriesPoint[], value: (point: SeriesPoint) => number): string[] {
  const width = Math.min(COLUMNS, series.length);
  const heights = Array.from({ length: width }, (_, column) => {
    const from = Math.floor((column * series.length) / width);
    const to = Math.max(from + 1, Math.floor(((column + 1) * series.length) / width));
    return Math.max(...series.slice(from, to).map(value));
  });
  const top = Math.max(...heights, 1e-9);
  return Array.from({ length: ROWS }, (_, row) => {
    const label = row === 0 ? number(top) : row === ROWS - 1 ? name : '';
    const cells = heights.map((height) => {
      const eighths = Math.round((height / top) * ROWS * 8) - (ROWS - 1 - row) * 8;
      return BLOCKS[Math.max(0, Math.min(8, eighths))] ?? ' ';
    });
    return `  ${label.padStart(10)} │${cells.join('').trimEnd()}`;
  });
}
