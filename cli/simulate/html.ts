import { amount } from '../report/figure-line';
import { type Curve, linePlot } from '../report/line-plot';
import { duration, number } from '../report/numbers';
import { COLOURS, escapeHtml, htmlList, htmlTable, page } from '../report/page';
import type { Limit } from '../report/plot-frame';
import type { PoolReport, SimulationReport } from './report';
import type { SeriesPoint } from './series';
import { adviceLines, totalsLine, verdictOf } from './words';

/** The report as one page that needs nothing else. */
export function asHtml(report: SimulationReport): string {
  const { spec, traffic, durationSeconds, peakQps, growth, pools, skipped, holds, warnings, figures } = report;
  return page(
    `${spec} under ${traffic} traffic`,
    `<p>${duration(durationSeconds)}, peak ${number(peakQps)} requests/s (growth ${growth}).</p>
<p class="verdict ${holds ? 'good' : 'bad'}">${verdictOf(holds)}</p>
${warnings.map((warning) => `<p class="bad">Warning: ${escapeHtml(warning)}</p>`).join('\n')}
${pools.map(poolSection).join('\n')}
${skipped.map((name) => `<p>${escapeHtml(name)}: nothing to hold, it has no requests or no SLO.</p>`).join('\n')}
<h2>Numbers and where they come from</h2>
${htmlTable(
  ['source', 'what', 'value', ''],
  figures.map(({ source, name, value, unit, detail }) => ({
    cells: [source, name, amount({ value, unit }), detail],
    className: source,
  })),
)}`,
  );
}

function poolSection(pool: PoolReport): string {
  const { series, slo } = pool;
  const curve = (name: string, colour: string, value: (point: SeriesPoint) => number): Curve => ({
    name,
    colour,
    points: series.map((point) => ({ x: point.t, y: value(point) })),
  });
  // To the end of the last span, so that an hour ends at 60 minutes.
  const to = (series.at(-1)?.t ?? 0) + (series[1]?.t ?? 1);
  const overTime = (name: string, curves: readonly Curve[], limit?: Limit) =>
    linePlot({ name, curves, formatX: (seconds) => duration(seconds), axis: 'time', to, limit });
  const charts = [
    overTime('requests/s', [
      curve('offered', COLOURS.blue, ({ qps }) => qps),
      curve('lost', COLOURS.red, ({ lostQps }) => lostQps),
    ]),
    overTime('replicas', [
      curve('asked for', COLOURS.purple, ({ replicas }) => replicas),
      curve('ready', COLOURS.green, ({ ready }) => ready),
    ]),
    overTime(
      'p95 ms',
      [curve('p95', COLOURS.amber, ({ p95Ms }) => p95Ms)],
      slo && { value: slo.p95Ms, name: `SLO ${number(slo.p95Ms)} ms` },
    ),
  ];
  return `<h2>${escapeHtml(pool.name)}: <span class="${pool.holds ? 'good' : 'bad'}">${pool.holds ? 'holds' : 'does not hold'}</span></h2>
<p>${escapeHtml(totalsLine(pool))}.</p>
${charts.join('\n')}
${htmlList(adviceLines(pool))}`;
}
