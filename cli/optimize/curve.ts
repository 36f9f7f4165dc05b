import type { CandidateProcess } from '../../service/runtime/candidate/candidate';
import { median, quantile } from '../statistics';
import { type BatchPoint, rowsPerSecond } from './knee';

/** Sizes are doubled up to this one. */
const LARGEST_ROWS = 512;
/** A run that takes longer ends the curve: no request waits that long for a larger batch. */
const LONGEST_RUN_MS = 500;
/** Sizes without a new best throughput after which larger ones are not worth the wait. */
const SIZES_WITHOUT_GAIN = 3;
/** All sizes are gone through so many times, for the machine's other work to fall on all. */
const PASSES = 3;
const TIME = { budgetMs: 30, minRuns: 2 } as const;

/** How long runs of 1, 2, 4 … rows take; of the inputs as they are where the model is not batched. */
export async function measureCurve(process: CandidateProcess, isBatched: boolean): Promise<BatchPoint[]> {
  const timed = async (rows: number) =>
    quantile(await process.time({ rows: isBatched ? rows : undefined, ...TIME }), 0.25);
  const first: BatchPoint[] = [];
  for (let rows = 1; rows <= (isBatched ? LARGEST_ROWS : 1); rows *= 2) {
    // The first runs of a size set memory aside for it.
    await timed(rows);
    first.push({ rows, runMs: await timed(rows) });
    if ((first.at(-1)?.runMs ?? 0) > LONGEST_RUN_MS || first.length - 1 - bestOf(first) >= SIZES_WITHOUT_GAIN) break;
  }
  const runs = first.map(({ runMs }) => [runMs]);
  for (let pass = 1; pass < PASSES; pass += 1) {
    for (const [i, { rows }] of first.entries()) runs[i]?.push(await timed(rows));
  }
  return first.map(({ rows }, i) => ({ rows, runMs: median(runs[i] ?? []) }));
}

function bestOf(points: readonly BatchPoint[]): number {
  const speeds = points.map(rowsPerSecond);
  return speeds.indexOf(Math.max(...speeds));
}
