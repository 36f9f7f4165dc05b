import { linePlot } from '../../report/line-plot';
import { number } from '../../report/numbers';
import { COLOURS, escapeHtml, htmlList, htmlTable, page } from '../../report/page';
import { describeMachine } from '../measure/machine';
import type { CapacityReport, CapacityResult, TrialReport } from './report';
import { capacityLine, detailLines, TRIAL_HEADS, trialRows } from './text';

/** The report as one page that needs nothing else. */
export function capacityHtml({ url, at, machine, models, mix, warnings }: CapacityReport): string {
  return page(
    `Capacity of ${url}`,
    [
      `<p>${escapeHtml(`${at}, ${describeMachine(machine)}`)}.</p>`,
      ...warnings.map((warning) => `<p class="bad">Warning: ${escapeHtml(warning)}</p>`),
      ...models.map((model) => section(model, model.latency, detailLines(model))),
      mix === undefined ? '' : section(mix, [], []),
    ].join('\n'),
  );
}

function section(result: CapacityResult, latency: readonly TrialReport[], details: readonly string[]): string {
  const trials = [...result.trials, ...latency].sort((a, b) => a.qps - b.qps);
  return `<h2>${escapeHtml(result.name)}</h2>
<p class="verdict">${escapeHtml(capacityLine(result))}</p>
${htmlList(details)}
${latencyPlot(trials)}
${throughputPlot(trials)}
${htmlTable(
  TRIAL_HEADS,
  trialRows(result.trials).map((cells, i) => ({ cells, className: result.trials[i]?.holds ? 'good' : 'bad' })),
)}`;
}

function latencyPlot(trials: readonly TrialReport[]): string {
  const limit = trials.flatMap(({ slo }) => slo).find(({ unit }) => unit === 'ms');
  const dots = (name: string, colour: string, kept: (trial: TrialReport) => boolean) => ({
    name,
    colour,
    points: trials.filter(kept).map(({ qps, latencyMs }) => ({ x: qps, y: cut(latencyMs.p95, limit?.limit) })),
    style: 'dots' as const,
  });
  return linePlot({
    name: 'p95 ms by requests/s, cut at twice the SLO',
    curves: [dots('holds', COLOURS.green, ({ holds }) => holds), dots('missed', COLOURS.red, ({ holds }) => !holds)],
    formatX: number,
    limit: limit && { value: limit.limit, name: `SLO ${limit.name} ${number(limit.limit)} ms` },
  });
}

/** A trial far beyond the capacity has any latency, and would flatten all others. */
function cut(ms: number | undefined, limitMs: number | undefined): number {
  return Math.min(ms ?? Number.POSITIVE_INFINITY, 2 * (limitMs ?? Number.POSITIVE_INFINITY));
}

function throughputPlot(trials: readonly TrialReport[]): string {
  const points = trials.map(({ qps, answeredQps }) => ({ x: qps, y: answeredQps }));
  return linePlot({
    name: 'answered by offered requests/s',
    curves: [{ name: 'answered', colour: COLOURS.blue, points, style: 'dots' }],
    formatX: number,
  });
}
