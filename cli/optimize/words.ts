import { number, percent } from '../report/numbers';
import { type CandidateReport, isMeasured, type OptimizeReport } from './report';
import type { Change, Verdict } from './verdict';

/** What a verdict means, for the table. */
export const OUTCOMES: Readonly<Record<Verdict['outcome'], string>> = {
  pays: 'pays',
  mixed: 'faster in one, slower in the other',
  'no gain': 'no gain',
  slower: 'slower',
  'loses too much': 'loses too much',
  unproven: 'faster, but there is no data to judge it by',
  comparison: 'faster (not adopted: depends on the machine)',
};

/** 1.42x; within what two copies of the original differ by, marked as no difference. */
export function speedup(factor: number, change: Change): string {
  return `${factor.toFixed(2)}x${change === 'same' ? ' =' : ''}`;
}

export function milliseconds(ms: number): string {
  return number(ms);
}

export function bytes(count: number): string {
  if (count >= 1e6) return `${number(count / 1e6)} MB`;
  return `${number(count / 1e3)} KB`;
}

/** What was lost, in percent points of the metric; a gain has a minus. */
export function loss(share: number): string {
  if (!Number.isFinite(share)) return 'all';
  return `${(share * 100).toFixed(2)} %`;
}

export function evaluationLine({ evaluation, original }: OptimizeReport): string {
  const { source, rows, calibrationRows, metric } = evaluation;
  const judged =
    metric === undefined || original.quality === undefined
      ? "outputs compared with the original's"
      : `${metric} ${original.quality.toFixed(4)}`;
  const apart = calibrationRows === 0 ? '' : ` (${calibrationRows} others kept for calibration)`;
  return `${source}: ${rows} rows${apart}, ${judged}`;
}

export function batchingLine({ batching }: OptimizeReport): string {
  const { points, knee, notBatchedBecause } = batching;
  const [first] = points;
  if (notBatchedBecause !== undefined || first === undefined) return `not batched: ${notBatchedBecause ?? 'no points'}`;
  const gain = ((knee.rows / knee.runMs) * first.runMs) / first.rows;
  return `best batch ${knee.rows} rows: ${gain.toFixed(1)}x the rows/s of batch 1 (claimed 2-10x), ${milliseconds(knee.runMs)} ms a run`;
}

export function recommendationLine(report: OptimizeReport): string {
  const best = report.candidates.find(({ id }) => id === report.recommended);
  if (best === undefined || !isMeasured(best.result)) {
    return `Recommended: keep the model as it is; nothing was faster within ${percent(report.maxLoss)} of loss.`;
  }
  const { verdict, loss: lost } = best.result;
  return `Recommended: ${best.title}: ${verdict.latencySpeedup.toFixed(2)}x at batch 1, ${verdict.throughputSpeedup.toFixed(2)}x at the best batch, ${loss(lost)} lost.`;
}

/** Candidates that could not be measured, each with its reason. */
export function unmeasured(candidates: readonly CandidateReport[]): { title: string; reason: string }[] {
  return candidates.flatMap(({ title, result }) => (isMeasured(result) ? [] : [{ title, reason: result.notMeasured }]));
}
