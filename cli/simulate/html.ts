import type { PoolReport, SimulationReport } from './report';
import type { SeriesPoint } from './series';
import { adviceLines, duration, number, totalsLine } from './words';

const WIDTH = 860;
const HEIGHT = 150;
const LEFT = 70;
const BOTTOM = 20;

interface Curve {
  readonly name: string;
  readonly colour: string;
  readonly value: (point: SeriesPoint) => number;
}

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { max-width: 900px; margin: 2rem auto; padding: 0 1rem }
svg { width: 100%; height: auto } svg text { font-size: 11px; fill: currentColor }
.grid { stroke: currentColor; opacity: .15 } .curve { fill: none; stroke-width: 1.6 }
.slo { stroke: #c33; stroke-dasharray: 5 4 }
.verdict { font-weight: 600 } .bad { color: #c33 } .good { color: #2a8a4a }
table { border-collapse: collapse; width: 100% } td, th { text-align: left; padding: .2rem .6rem .2rem 0; vertical-align: top }
.assumed { color: #b36b00 }`;

/** The report as one page that needs nothing else: no scripts, no fonts, no files beside it. */
export function asHtml(report: SimulationReport): string {
  const { spec, traffic, durationSeconds, peakQps, growth, pools, skipped, holds, warnings, figures } = report;
  const title = `${spec} under ${traffic} traffic`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body>
<h1>${escapeHtml(title)}</h1>
<p>${duration(durationSeconds)}, peak ${number(peakQps)} requests/s (growth ${growth}).</p>
<p class="verdict ${holds ? 'good' : 'bad'}">${holds ? 'It holds.' : 'It does not hold.'}</p>
${warnings.map((warning) => `<p class="bad">Warning: ${escapeHtml(warning)}</p>`).join('\n')}
${pools.map(poolSection).join('\n')}
${skipped.map((name) => `<p>${escapeHtml(name)}: nothing to hold, it has no requests or no SLO.</p>`).join('\n')}
<h2>Numbers and where they come from</h2>
<table><tr><th>source</th><th>what</th><th>value</th><th></th></tr>
${figures
  .map(
    ({ source, name, value, unit, detail }) =>
      `<tr class="${source}"><td>${source}</td><td>${escapeHtml(name)}</td><td>${number(value)} ${escapeHtml(unit)}</td><td>${escapeHtml(detail)}</td></tr>`,
  )
  .join('\n')}
</table></body></html>
`;
}

function poolSection(pool: PoolReport): string {
  const slo = pool.slo?.p95Ms;
  const charts = [
    chart('requests/s', pool.series, [
      { name: 'offered', colour: '#2b6cb0', value: ({ qps }) => qps },
      { name: 'lost', colour: '#c33', value: ({ lostQps }) => lostQps },
    ]),
    chart('replicas', pool.series, [
      { name: 'asked for', colour: '#7a4fb5', value: ({ replicas }) => replicas },
      { name: 'ready', colour: '#2a8a4a', value: ({ ready }) => ready },
    ]),
    chart('p95 ms', pool.series, [{ name: 'p95', colour: '#b36b00', value: ({ p95Ms }) => p95Ms }], slo),
  ];
  return `<h2>${escapeHtml(pool.name)}: <span class="${pool.holds ? 'good' : 'bad'}">${pool.holds ? 'holds' : 'does not hold'}</span></h2>
<p>${escapeHtml(totalsLine(pool))}.</p>
${charts.join('\n')}
${list(adviceLines(pool))}`;
}

function list(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `<ul>${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join('')}</ul>`;
}

/** Curves over time; `limit` is drawn as a line across. */
function chart(name: string, series: readonly SeriesPoint[], curves: readonly Curve[], limit?: number): string {
  const top = Math.max(limit ?? 0, ...series.flatMap((point) => curves.map(({ value }) => value(point)))) * 1.05 || 1;
  const spanSeconds = series[1]?.t ?? 1;
  // To the end of the last span, so that an hour ends at 60 minutes.
  const end = (series.at(-1)?.t ?? 0) + spanSeconds;
  const x = (t: number) => (LEFT + ((WIDTH - LEFT) * t) / end).toFixed(1);
  const y = (value: number) => (HEIGHT - BOTTOM - ((HEIGHT - BOTTOM - 10) * value) / top).toFixed(1);
  const grid = [0, 0.5, 1].map(
    (share) =>
      `<line class="grid" x1="${LEFT}" x2="${WIDTH}" y1="${y((share * top) / 1.05)}" y2="${y((share * top) / 1.05)}"/>` +
      `<text x="${LEFT - 6}" y="${y((share * top) / 1.05)}" text-anchor="end" dominant-baseline="middle">${number((share * top) / 1.05)}</text>`,
  );
  const times = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      `<text x="${x(share * end)}" y="${HEIGHT - 4}" text-anchor="${share === 0 ? 'start' : share === 1 ? 'end' : 'middle'}">${duration(Math.round(share * end))}</text>`,
  );
  const lines = curves.map(
    ({ name: curve, colour, value }) =>
      `<polyline class="curve" stroke="${colour}" points="${series.map((point) => `${x(point.t)},${y(value(point))}`).join(' ')}"><title>${curve}</title></polyline>`,
  );
  const slo =
    limit === undefined ? '' : `<line class="slo" x1="${LEFT}" x2="${WIDTH}" y1="${y(limit)}" y2="${y(limit)}"/>`;
  const legend = curves.map(({ name: curve, colour }) => `<span style="color:${colour}">━ ${curve}</span>`);
  const sloLegend = limit === undefined ? '' : ` <span class="bad">┅ SLO ${number(limit)} ms</span>`;
  return `<figure style="margin:0"><figcaption>${name}: ${legend.join(' ')}${sloLegend}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${name} over time">${grid.join('')}${times.join('')}${lines.join('')}${slo}</svg></figure>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
