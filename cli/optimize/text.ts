import { counted } from '../../lib/spec/counted';
import { number, percent } from '../report/numbers';
import { type Column, textTable } from '../report/text-table';
import { rowsPerSecond } from './knee';
import type { OptimizeReport } from './report';
import { candidateRows, TEXT_HEADS } from './table';
import { batchingLine, evaluationLine, milliseconds, recommendationLine, unmeasured } from './words';

const right = (head: string): Column => ({ head, align: 'right' });

/** The report for a terminal. */
export function asText(report: OptimizeReport): string {
  const { model, machine, measuredAt, batching, warnings, candidates } = report;
  const version = model.version === undefined ? '' : ` version ${model.version}`;
  const missing = unmeasured(candidates);
  const { heads, rows } = candidateRows(report);
  return [
    `${model.name}${version} (sha256 ${model.digest.slice(0, 12)}…), ${measuredAt.slice(0, 10)}`,
    `${machine.cpu}, ${counted(machine.cores, 'core')}, Node ${machine.node}, ONNX Runtime ${machine.onnxruntime}`,
    `judged by ${evaluationLine(report)}; at most ${percent(report.maxLoss)} may be lost`,
    ...warnings.map((warning) => `warning: ${warning}`),
    '',
    ...textTable(
      [right('rows'), right('run ms'), right('rows/s'), ''],
      batching.points.map((point) => [
        String(point.rows),
        milliseconds(point.runMs),
        number(rowsPerSecond(point)),
        point === batching.knee ? '<- knee' : '',
      ]),
    ),
    batchingLine(report),
    '',
    ...textTable(
      heads.map(column),
      rows.map(({ cells }) => cells),
    ),
    `(=: no more than the ${percent(report.noise)} by which two copies of the original differed, or 5 %)`,
    ...(missing.length === 0 ? [] : ['', 'Not measured:']),
    ...textTable(
      ['', ''],
      missing.map(({ title, reason }) => [`  ${title}`, reason]),
    ).slice(1),
    '',
    recommendationLine(report),
    '',
  ].join('\n');
}

/** Words to the left, numbers to the right. */
function column(head: string): Column {
  return TEXT_HEADS.includes(head) ? head : right(head);
}
