import type { TensorSignature } from '../tensor';
import { batchDimension } from './batch-dimension';
import type { DurationCurve } from './duration-curve';
import type { ExecutorKind } from './options';

/** Longest time that a run may hold the event loop: what others then wait stays below what they would notice. */
const INLINE_RUN_LIMIT_MS = 2;
/** Batches that gain less than this share of the throughput only add latency. */
const MIN_GAIN = 0.1;
/** A batch on a worker is large enough when it reaches this share of the throughput of endless batches. */
const ENOUGH = 0.95;
/** How many times the largest batch seen the next may be: the curve is not trusted far beyond what it was drawn from. */
const STEP = 4;

/**
 * Whether batches gain a tenth or more. From duration(n) = a + b·n: rows alone reach a throughput of 1/(a+b), endless
 * batches 1/b, so the gain is a/b. Decided once, at load: a model run row by row would never show what it could gain.
 *
 * @param overheadMs what every run costs beside the model, such as the way to a worker and back; part of a
 */
export function isWorthBatching(curve: DurationCurve, overheadMs: number): boolean {
  return curve.isKnown && curve.fixedMs + overheadMs >= MIN_GAIN * curve.perRowMs;
}

/**
 * Largest batch that is worth its latency, for a model that gains from batches; follows the curve as it is refined.
 * Batches of n rows reach the share n·b/(a+n·b) of the throughput of endless ones. At least 2 on a worker, so that the
 * curve goes on learning.
 *
 * @param bound upper limit set by the user
 */
export function largestBatch(curve: DurationCurve, kind: ExecutorKind, overheadMs: number, bound: number): number {
  const limit = Math.min(bound, STEP * curve.largestRows);
  if (kind === 'inline') return Math.min(limit, curve.rowsWithin(INLINE_RUN_LIMIT_MS));
  const { fixedMs, perRowMs } = curve;
  if (perRowMs === 0) return limit;
  return Math.min(limit, Math.max(2, Math.round((ENOUGH / (1 - ENOUGH)) * ((fixedMs + overheadMs) / perRowMs))));
}

/** Share of the way to a worker and back that is work of the event loop's own thread; the rest happens beside it. */
const LOOP_SHARE_OF_HOP = 0.5;

/**
 * A way to a worker and back takes 0.025 to 0.05 ms on a quiet machine, and several times that on a busy one, where runs
 * take longer in the same measure. One longer than this was held up and tells nothing.
 */
const MAX_HOP_MS = 1;

/**
 * Inline when the event loop spends no more on a run than it would on sending the batch to a worker, and no request can
 * make the run a long one: apart from the batch, which is cut, every dimension is fixed.
 *
 * @param runMs a run of one row, or undefined where the probe found no inputs that run
 * @param hopMs the way to a worker and back
 */
export function chooseExecutor(
  signature: TensorSignature,
  batchable: boolean,
  runMs: number | undefined,
  hopMs: number,
): ExecutorKind {
  if (runMs === undefined || runMs > LOOP_SHARE_OF_HOP * Math.min(hopMs, MAX_HOP_MS)) return 'worker';
  const dimension = batchDimension(signature);
  const batchName = batchable && 'name' in dimension ? dimension.name : undefined;
  const isBounded = signature.inputs.every(({ shape }) =>
    shape.every((size) => typeof size === 'number' || size === batchName),
  );
  return isBounded ? 'inline' : 'worker';
}
