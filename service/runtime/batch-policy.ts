import type { TensorSignature } from '../tensor';
import { batchDimension } from './batch-dimension';
import type { DurationCurve } from './duration-curve';
import type { ExecutorKind } from './options';

/** Longest time that a run may hold the event loop: what others then wait stays below what they would notice. */
export const INLINE_RUN_LIMIT_MS = 2;
/** Batches that gain less than this share of the throughput only add latency. */
const MIN_GAIN = 0.1;
/** A batch on a worker is large enough when it reaches this share of the throughput of endless batches. */
const ENOUGH = 0.95;

/**
 * Largest batch that is worth its latency, from duration(n) = a + b·n: rows alone reach a throughput of 1/(a+b),
 * endless batches 1/b, so the gain is a/b. Batches of n rows reach the share n·b/(a+n·b) of 1/b.
 *
 * @param overheadMs what every run costs beside the model, such as the way to a worker and back; part of a
 * @param bound upper limit set by the user
 */
export function largestBatch(curve: DurationCurve, kind: ExecutorKind, overheadMs: number, bound: number): number {
  const fixedMs = curve.fixedMs + overheadMs;
  const { perRowMs } = curve;
  if (!curve.isKnown) return 1;
  if (fixedMs < MIN_GAIN * perRowMs) return 1;
  if (kind === 'inline') return Math.min(bound, curve.rowsWithin(INLINE_RUN_LIMIT_MS));
  if (perRowMs === 0) return bound;
  return Math.min(bound, Math.ceil((ENOUGH / (1 - ENOUGH)) * (fixedMs / perRowMs)));
}

/**
 * Inline when the way to a worker costs more than the run itself and no request can make the run a long one: apart from
 * the batch, which is cut, every dimension is fixed.
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
  if (runMs === undefined || runMs > Math.min(hopMs, INLINE_RUN_LIMIT_MS)) return 'worker';
  const dimension = batchDimension(signature);
  const batchName = batchable && 'name' in dimension ? dimension.name : undefined;
  const isBounded = signature.inputs.every(({ shape }) =>
    shape.every((size) => typeof size === 'number' || size === batchName),
  );
  return isBounded ? 'inline' : 'worker';
}
