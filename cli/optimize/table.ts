import { number } from '../report/numbers';
import { type Figures, isMeasured, type OptimizeReport } from './report';
import type { Outcome } from './verdict';
import { bytes, loss, milliseconds, OUTCOMES, speedup } from './words';

/** Columns of words. */
export const TEXT_HEADS: readonly string[] = ['technique', 'claimed', 'verdict'];

export interface TableRow {
  readonly cells: readonly string[];
  /** Empty for the original. */
  readonly outcome: Outcome | '';
}

/** The table of what was measured beside what is claimed: the original first. */
export function candidateRows({ original, candidates, evaluation, batching }: OptimizeReport): {
  readonly heads: readonly string[];
  readonly rows: readonly TableRow[];
} {
  const quality = evaluation.metric ?? 'agreement';
  const heads = [
    'technique',
    'claimed',
    'batch 1 ms',
    'speed-up',
    `rows/s at ${batching.knee.rows}`,
    'a thread',
    'load ms',
    'file',
    'memory',
    quality,
    'lost',
    'verdict',
  ];
  const cellsOf = (title: string, claim: string, figures: Figures, [latency, throughput, lost, verdict]: string[]) => [
    title,
    claim,
    milliseconds(figures.latencyMs.p50),
    latency ?? '',
    number(figures.rowsPerSecond),
    throughput ?? '',
    milliseconds(figures.loadMs),
    bytes(figures.sizeBytes),
    bytes(figures.memoryBytes),
    (figures.quality ?? figures.agreement).toFixed(4),
    lost ?? '',
    verdict ?? '',
  ];
  const measured = candidates.flatMap(({ title, claim, result }): TableRow[] => {
    if (!isMeasured(result)) return [];
    const { verdict, note } = result;
    const words = [
      speedup(verdict.latencySpeedup, verdict.latency),
      speedup(verdict.throughputSpeedup, verdict.throughput),
      loss(result.loss),
      OUTCOMES[verdict.outcome] + (note === undefined ? '' : ` (${note})`),
    ];
    return [{ cells: cellsOf(title, claim, result.figures, words), outcome: verdict.outcome }];
  });
  return { heads, rows: [{ cells: cellsOf('as it is', '', original, []), outcome: '' }, ...measured] };
}
