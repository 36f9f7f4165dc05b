import { messageOf } from '../../lib/spec/message-of';
import { sliceRows, type Tensor, type TensorSignature } from '../tensor';
import { batchDimension } from './batch-dimension';
import { areSame, type RowPair, repeatRows, rowPairs, wholeInputs } from './probe-inputs';
import type { ModelRun } from './session';

/** What is probed: something that runs the model. */
export type RunModel = (inputs: readonly Tensor[], outputs: readonly number[]) => ModelRun;

export interface RunSample {
  readonly rows: number;
  readonly runMs: number;
}

export interface ProbeReport {
  /** Undefined when rows of different requests may share a run; else why not. */
  readonly notBatchedBecause: string | undefined;
  /** Inputs that the model ran on, of one row where it has rows; undefined: none were found. */
  readonly warmInputs: readonly Tensor[] | undefined;
  /** Durations of warm runs, one row first. */
  readonly samples: readonly RunSample[];
}

/** Two rows with equal outputs prove little: others are tried for about this long. */
const PROOF_MS = 100;
/** Runs of one size that are enough; the first hundred or so are still being compiled. */
const MEASURE_RUNS = 300;
/** Time after which fewer are enough, and how much of it must have been runs that nothing held up. */
const MEASURE_MS = 10;
const MEASURE_UNDISTURBED_MS = 4;
/** Runs made even if they take longer than that, since a single one may have been held up. */
const MIN_MEASURE_RUNS = 3;
/** Time after which it is over, as on a machine that has better things to do. */
const MAX_MEASURE_MS = 200;
/** The larger batch whose duration is measured: as long as it takes about this long, and at most so many rows. */
const LARGE_BATCH_MS = 3;
const LARGE_BATCH_ROWS = 64;

type RunAll = (inputs: readonly Tensor[]) => ModelRun;

/**
 * Warms a model up, finds out whether its rows are independent, and how long it runs.
 *
 * The signature cannot tell a batch from a transposition. So two different rows are run alone and together: only when
 * the outputs agree, the model is batched.
 *
 * @param examples inputs that the model accepts, if known; inputs are made up as well
 */
export function probe(run: RunModel, signature: TensorSignature, examples: readonly Tensor[] | undefined): ProbeReport {
  const outputs = signature.outputs.map((_, index) => index);
  const runAll: RunAll = (inputs) => run(inputs, outputs);
  const dimension = batchDimension(signature);
  const verdict = 'reason' in dimension ? dimension : prove(runAll, rowPairs(signature, examples));
  if ('reason' in verdict) return probeWhole(runAll, wholeInputs(signature, examples), verdict.reason);
  const [row] = verdict.pair;
  const runMs = measure(runAll, row);
  const rows = Math.min(LARGE_BATCH_ROWS, Math.max(2, Math.floor(LARGE_BATCH_MS / runMs)));
  const largeMs = measure(runAll, repeatRows(verdict.pair, rows));
  // One row takes no longer than many: where it seems to, its runs were the ones held up.
  const samples = [
    { rows: 1, runMs: Math.min(runMs, largeMs) },
    { rows, runMs: largeMs },
  ];
  return { notBatchedBecause: undefined, warmInputs: row, samples };
}

/** A model whose requests run as they are. */
function probeWhole(runAll: RunAll, candidates: Iterable<readonly Tensor[]>, notBatchedBecause: string): ProbeReport {
  for (const inputs of candidates) {
    if ('reason' in attempt(runAll, inputs)) continue;
    return { notBatchedBecause, warmInputs: inputs, samples: [{ rows: 1, runMs: measure(runAll, inputs) }] };
  }
  return { notBatchedBecause, warmInputs: undefined, samples: [] };
}

/** Finds two rows that run together as they run alone. */
function prove(runAll: RunAll, pairs: Iterable<RowPair>): { readonly pair: RowPair } | { readonly reason: string } {
  const startMs = performance.now();
  let weakProof: RowPair | undefined;
  let firstReason: string | undefined;
  for (const pair of pairs) {
    const first = attempt(runAll, pair[0]);
    const second = attempt(runAll, pair[1]);
    if ('reason' in first || 'reason' in second) {
      firstReason ??= 'reason' in first ? first.reason : 'reason' in second ? second.reason : undefined;
      continue;
    }
    const together = attempt(runAll, repeatRows(pair, 2));
    if ('reason' in together) return { reason: `two rows together fail: ${together.reason}` };
    if (!isRow(together.run, 0, first.run) || !isRow(together.run, 1, second.run)) {
      return { reason: 'two rows together give other outputs than each alone' };
    }
    if (!areSame(first.run.outputs, second.run.outputs)) return { pair };
    weakProof ??= pair;
    if (performance.now() - startMs > PROOF_MS) break;
  }
  if (weakProof !== undefined) return { pair: weakProof };
  return {
    reason: `no two rows were found to prove that rows are independent${firstReason ? `: ${firstReason}` : ''}`,
  };
}

/** Whether row `index` of a run equals a run of that row alone. */
function isRow(together: ModelRun, index: number, alone: ModelRun): boolean {
  if (together.outputs.some(({ shape }) => shape[0] !== 2)) return false;
  return areSame(
    together.outputs.map((output) => sliceRows(output, index, index + 1)),
    alone.outputs,
  );
}

function attempt(runAll: RunAll, inputs: readonly Tensor[]): { readonly run: ModelRun } | { readonly reason: string } {
  try {
    return { run: runAll(inputs) };
  } catch (error) {
    return { reason: messageOf(error) };
  }
}

/** How long runs of the same inputs take: the lower tenth, as what takes longer was held up by something else. */
function measure(runAll: RunAll, inputs: readonly Tensor[]): number {
  const durationsMs: number[] = [];
  const startMs = performance.now();
  let leastMs = Number.POSITIVE_INFINITY;
  for (;;) {
    const { runMs } = runAll(inputs);
    durationsMs.push(runMs);
    leastMs = Math.min(leastMs, runMs);
    const runs = durationsMs.length;
    const elapsedMs = performance.now() - startMs;
    const isEnough = elapsedMs >= MEASURE_MS && runs * leastMs >= MEASURE_UNDISTURBED_MS;
    if (runs >= MIN_MEASURE_RUNS && (isEnough || runs >= MEASURE_RUNS || elapsedMs >= MAX_MEASURE_MS)) break;
  }
  durationsMs.sort((a, b) => a - b);
  return durationsMs[Math.floor(durationsMs.length / 10)] ?? leastMs;
}
