import { number, percent } from '../report/numbers';
import { type Column, textTable } from '../report/text-table';
import { rowsPerSecond } from './knee';
import { isMeasured, type OptimizeReport } from './report';
import {
  batchingLine,
  bytes,
  evaluationLine,
  loss,
  milliseconds,
  OUTCOMES,
  recommendationLine,
  speedup,
  unmeasured,
} from './words';

const right = (head: string): Column => ({ head, align: 'right' });

/** The report for a terminal. */
export function asText(report: OptimizeReport): string {
  const { model, machine, measuredAt, batching, warnings, candidates } = report;
  const version = model.version === undefined ? '' : ` version ${model.version}`;
  const missing = unmeasured(candidates);
  return [
    `${model.name}${version} (sha256 ${model.digest.slice(0, 12)}…), ${measuredAt.slice(0, 10)}`,
    `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, ONNX Runtime ${machine.onnxruntime}`,
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
    ...candidateTable(report),
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

function candidateTable({ original, candidates, evaluation, batching }: OptimizeReport): string[] {
  const quality = evaluation.metric ?? 'agreement';
  const columns: Column[] = [
    'technique',
    'claimed',
    right('batch 1 ms'),
    right('speed-up'),
    right(`rows/s at ${batching.knee.rows}`),
    right('a thread'),
    right('load ms'),
    right('file'),
    right('memory'),
    right(quality),
    right('lost'),
    'verdict',
  ];
  const figuresOf = (figures: OptimizeReport['original']) => ({
    latency: milliseconds(figures.latencyMs.p50),
    throughput: number(figures.rowsPerSecond),
    load: milliseconds(figures.loadMs),
    file: bytes(figures.sizeBytes),
    memory: bytes(figures.memoryBytes),
    quality: (figures.quality ?? figures.agreement).toFixed(4),
  });
  const base = figuresOf(original);
  return textTable(columns, [
    ['as it is', '', base.latency, '', base.throughput, '', base.load, base.file, base.memory, base.quality, '', ''],
    ...candidates.flatMap(({ title, claim, result }) => {
      if (!isMeasured(result)) return [];
      const { verdict } = result;
      const own = figuresOf(result.figures);
      return [
        [
          title,
          claim,
          own.latency,
          speedup(verdict.latencySpeedup, verdict.latency),
          own.throughput,
          speedup(verdict.throughputSpeedup, verdict.throughput),
          own.load,
          own.file,
          own.memory,
          own.quality,
          loss(result.loss),
          OUTCOMES[verdict.outcome],
        ],
      ];
    }),
  ]);
}
