import { counted } from '../../lib/spec/counted';
import { type Curve, linePlot } from '../report/line-plot';
import { number, percent } from '../report/numbers';
import { COLOURS, escapeHtml, htmlList, htmlTable, page } from '../report/page';
import { rowsPerSecond } from './knee';
import { isMeasured, type OptimizeReport } from './report';
import { candidateRows } from './table';
import { batchingLine, evaluationLine, recommendationLine, unmeasured } from './words';

/** The report as one page that needs nothing else. */
export function asHtml(report: OptimizeReport): string {
  const { model, machine, measuredAt, warnings, candidates, recommended, maxLoss, noise } = report;
  const version = model.version === undefined ? '' : ` version ${model.version}`;
  const { heads, rows } = candidateRows(report);
  const missing = unmeasured(candidates);
  return page(
    `What optimising ${model.name}${version} brings`,
    `<p>${escapeHtml(`${measuredAt.slice(0, 10)} on ${machine.cpu}, ${counted(machine.cores, 'core')}, Node ${machine.node}, ONNX Runtime ${machine.onnxruntime}.`)}</p>
<p>${escapeHtml(`Judged by ${evaluationLine(report)}; at most ${percent(maxLoss)} may be lost.`)}</p>
<p class="verdict ${recommended === undefined ? 'unsure' : 'good'}">${escapeHtml(recommendationLine(report))}</p>
${warnings.map((warning) => `<p class="bad">Warning: ${escapeHtml(warning)}</p>`).join('\n')}
<h2>Measured beside claimed</h2>
${htmlTable(
  heads,
  rows.map(({ cells, outcome }) => ({ cells, className: CLASSES[outcome] ?? 'plain' })),
)}
<p>=: no more than the ${percent(noise)} by which two copies of the original differed, or 5 %. All ran in turns in one run.</p>
${gainPlot(report)}
<h2>Batching</h2>
<p>${escapeHtml(batchingLine(report))}</p>
${batchingPlots(report)}
${missing.length === 0 ? '' : '<h2>Not measured</h2>'}
${htmlList(missing.map(({ title, reason }) => `${title}: ${reason}`))}`,
  );
}

/** How rows of the table are coloured. */
const CLASSES: Readonly<Record<string, string>> = {
  pays: 'good',
  slower: 'bad',
  'loses too much': 'bad',
  mixed: 'unsure',
  unproven: 'unsure',
};

/** Each candidate by what it gains and what it loses. */
function gainPlot({ candidates, maxLoss }: OptimizeReport): string {
  const points = candidates.flatMap(({ title, result }) =>
    isMeasured(result) && Number.isFinite(result.loss)
      ? [{ x: result.verdict.throughputSpeedup, y: Math.max(0, result.loss * 100), label: title }]
      : [],
  );
  if (points.length === 0) return '';
  const xs = points.map(({ x }) => x);
  return linePlot({
    name: 'loss in % over speed-up at the best batch',
    curves: [{ name: 'candidates', colour: COLOURS.blue, points, style: 'dots' }],
    formatX: (factor) => `${factor.toFixed(2)}x`,
    // Room for the last one's name.
    to: Math.max(...xs) + 0.25 * (Math.max(...xs) - Math.min(...xs) || 1),
    limit: { value: maxLoss * 100, name: `at most ${percent(maxLoss)}` },
  });
}

function batchingPlots({ batching }: OptimizeReport): string {
  const { points } = batching;
  if (points.length < 2) return '';
  // Sizes are doubled, so that their logarithms are evenly spaced.
  const plot = (name: string, curve: Omit<Curve, 'name'>) =>
    linePlot({ name, curves: [{ name, ...curve }], formatX: (power) => `${number(2 ** power)} rows` });
  return [
    plot('rows/s', {
      colour: COLOURS.green,
      points: points.map((point) => ({ x: Math.log2(point.rows), y: rowsPerSecond(point) })),
    }),
    plot('run ms', {
      colour: COLOURS.amber,
      points: points.map(({ rows, runMs }) => ({ x: Math.log2(rows), y: runMs })),
    }),
  ].join('\n');
}
