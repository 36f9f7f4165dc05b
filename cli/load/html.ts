import { barPlot } from '../report/bar-plot';
import { type Curve, linePlot } from '../report/line-plot';
import { duration, number } from '../report/numbers';
import { COLOURS, escapeHtml, htmlList, htmlTable, page } from '../report/page';
import type { LatencyBar } from './measure/latencies';
import { describeMachine } from './measure/machine';
import type { LoadPoint } from './measure/recorder';
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

/** The report as one page that needs nothing else. */
export function asHtml(report: LoadReport): string {
  const { url, traffic, arrivals, at, machine, targets, generator, service, holds } = report;
  const verdict = verdictLine(report);
  return page(
    `Load on ${url}`,
    [
      `<p>${escapeHtml(`${traffic}, ${arrivals} arrivals; ${at}, ${describeMachine(machine)}`)}.</p>`,
      verdict === undefined ? '' : `<p class="verdict ${holds ? 'good' : 'bad'}">${escapeHtml(verdict)}</p>`,
      htmlTable(
        TARGET_HEADS,
        targetRows(targets).map((cells) => ({ cells })),
      ),
      ...targets.map(targetSection),
      '<h2>Service and generator</h2>',
      htmlList([...(service === undefined ? [] : [serviceLine(service)]), generatorLine(generator)]),
      ...warnings(report).map((warning) => `<p class="bad">Warning: ${escapeHtml(warning)}.</p>`),
    ].join('\n'),
  );
}

function targetSection(target: TargetReport): string {
  const { name, series, histogram, slo } = target;
  const limit = slo.find(({ unit }) => unit === 'ms');
  const line = limit && { value: limit.limit, name: `SLO ${limit.name} ${number(limit.limit)} ms` };
  const to = (series.at(-1)?.t ?? 0) + 1;
  const overTime = { formatX: duration, axis: 'time', to } as const;
  const curve = (label: string, colour: string, value: (point: LoadPoint) => number | undefined): Curve => ({
    name: label,
    colour,
    points: series.map((point) => ({ x: point.t, y: value(point) ?? Number.NaN })),
  });
  const figures =
    series.length === 0
      ? []
      : [
          linePlot({
            name: 'latency over time, ms',
            curves: [
              curve('p50', COLOURS.green, ({ p50Ms }) => p50Ms),
              curve('p95', COLOURS.amber, ({ p95Ms }) => p95Ms),
              curve('p99', COLOURS.purple, ({ p99Ms }) => p99Ms),
            ],
            ...overTime,
            limit: line,
          }),
          linePlot({
            name: 'requests/s over time',
            curves: [
              curve('offered', COLOURS.blue, ({ offeredQps }) => offeredQps),
              curve('answered', COLOURS.green, ({ answeredQps }) => answeredQps),
            ],
            ...overTime,
          }),
          linePlot({
            name: 'lost requests/s over time',
            curves: [
              curve('refused (429, 503)', COLOURS.amber, ({ refusedQps }) => refusedQps),
              curve('failed', COLOURS.red, ({ failedQps }) => failedQps),
            ],
            ...overTime,
          }),
          throughputPlot(series),
          histogramPlot(histogram),
        ];
  return [
    `<h2>${escapeHtml(name)}</h2>`,
    htmlList([...slo.map(judgementLine), ...failureLines(target)]),
    ...figures,
  ].join('\n');
}

/** Answered against offered, a dot a second: on the diagonal while the service keeps up. */
function throughputPlot(series: readonly LoadPoint[]): string {
  const highest = Math.max(...series.map(({ offeredQps }) => offeredQps));
  return linePlot({
    name: 'throughput against offered load, requests/s',
    curves: [
      {
        name: 'all answered',
        colour: COLOURS.blue,
        points: [
          { x: 0, y: 0 },
          { x: highest, y: highest },
        ],
      },
      {
        name: 'answered',
        colour: COLOURS.green,
        points: series.map(({ offeredQps, answeredQps }) => ({ x: offeredQps, y: answeredQps })),
        style: 'dots',
      },
    ],
    formatX: number,
  });
}

function histogramPlot(histogram: readonly LatencyBar[]): string {
  return barPlot({
    name: 'requests by latency',
    colour: COLOURS.teal,
    bars: histogram.map(({ fromMs, toMs, count }) => ({ from: fromMs, to: toMs, value: count })),
    formatX: (ms) => `${number(ms)} ms`,
    axis: 'log',
  });
}
