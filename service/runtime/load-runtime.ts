import { threadsOfRun } from '../../lib/spec/run-settings';
import type { Tensor, TensorSignature } from '../tensor';
import { chooseExecutor, isWorthBatching, largestBatch } from './batch-policy';
import { BatchingRuntime } from './batching-runtime';
import { availableCores } from './cores';
import { DurationCurve } from './duration-curve';
import type { Executor } from './executor';
import { InlineExecutor } from './inline-executor';
import type { ModelRuntime } from './model-runtime';
import type { RuntimeObserver, RuntimeOptions } from './options';
import type { ProbeReport } from './probe';
import type { SessionOptions } from './session';
import { WorkerExecutor } from './worker-executor';
import { WorkerThread } from './worker-thread';

const DEFAULT_MAX_BATCH_ROWS = 1024;
const DEFAULT_QUEUE_ROWS = 4096;
/** How long to measure the way to a worker, and how many round trips are enough. */
const HOP_MS = 10;
const HOP_RUNS = 100;

export interface RuntimeSource {
  /** Name of the model, for errors. */
  readonly name: string;
  readonly modelPath: string;
  /** The bundled worker.ts. */
  readonly workerPath: string;
  readonly options: RuntimeOptions;
  readonly observer?: RuntimeObserver | undefined;
}

/**
 * Loads a model and makes it ready: opened, warmed up, measured and its batching proven, all in a worker thread, so that
 * a heavy model never stalls the event loop. A model whose run costs the event loop less than the way to the worker then
 * moves to the calling thread.
 *
 * @throws Error in one sentence that says why the model cannot be served
 */
export async function loadRuntime(source: RuntimeSource): Promise<ModelRuntime> {
  const { options } = source;
  const session: SessionOptions = {
    intraOpThreads: options.intraOpThreads ?? 1,
    executionMode: options.executionMode,
    provider: options.provider ?? 'cpu',
  };
  const thread = new WorkerThread(source.workerPath, { modelPath: source.modelPath, session });
  try {
    const signature = await thread.open();
    const examples = await options.exampleInputs?.(signature);
    const report = await thread.probe(examples);
    const hopMs = await measureHop(thread, report.warmInputs);
    return await build(source, session, thread, { signature, report, hopMs });
  } catch (error) {
    await thread.terminate();
    throw error;
  }
}

interface Findings {
  readonly signature: TensorSignature;
  readonly report: ProbeReport;
  readonly hopMs: number;
}

async function build(
  source: RuntimeSource,
  session: SessionOptions,
  thread: WorkerThread,
  { signature, report, hopMs }: Findings,
): Promise<ModelRuntime> {
  const { name, options, observer } = source;
  const batchable = report.notBatchedBecause === undefined;
  const asked = options.executor ?? 'auto';
  const kind = asked === 'auto' ? chooseExecutor(signature, batchable, report.samples[0]?.runMs, hopMs) : asked;
  const executor =
    kind === 'inline'
      ? await openInline(source, session, thread, report)
      : await startPool(source, session, thread, report);
  const curve = new DurationCurve();
  for (const { rows, runMs } of report.samples) curve.add(rows, runMs);
  const bound = options.maxBatchRows ?? DEFAULT_MAX_BATCH_ROWS;
  const overheadMs = kind === 'worker' ? hopMs : 0;
  const gains = batchable && isWorthBatching(curve, overheadMs);
  return new BatchingRuntime({
    name,
    signature,
    notBatchedBecause: report.notBatchedBecause,
    executor,
    curve,
    largestBatch: gains ? () => largestBatch(curve, kind, overheadMs, bound) : () => 1,
    queueRows: options.queueRows ?? DEFAULT_QUEUE_ROWS,
    observer,
  });
}

/** Opens the model once more on this thread, which for a model so small takes milliseconds, and ends the other. */
async function openInline(
  { modelPath }: RuntimeSource,
  session: SessionOptions,
  thread: WorkerThread,
  { warmInputs }: ProbeReport,
): Promise<Executor> {
  const executor = InlineExecutor.open(modelPath, session);
  try {
    if (warmInputs !== undefined) await executor.run({ inputs: warmInputs, outputs: [0], owned: false });
    await thread.terminate();
    return executor;
  } catch (error) {
    await executor.close();
    throw error;
  }
}

function startPool(
  { name, modelPath, workerPath, options, observer }: RuntimeSource,
  session: SessionOptions,
  thread: WorkerThread,
  { warmInputs }: ProbeReport,
): Promise<Executor> {
  return WorkerExecutor.start(thread, {
    name,
    workerPath,
    settings: { modelPath, session },
    workers: options.workers ?? defaultWorkers(session),
    warmInputs,
    onLost: (reason, delayMs) => observer?.onWorkerLost?.(reason, delayMs),
  });
}

/** On a GPU each thread would hold the weights once more, and they would wait for one another. */
function defaultWorkers(session: SessionOptions): number {
  return session.provider === 'cpu' ? Math.max(1, Math.floor(availableCores() / threadsOfRun(session))) : 1;
}

/** Milliseconds that a run costs more on the worker thread than the run itself: the least, as the rest is waiting. */
async function measureHop(thread: WorkerThread, inputs: readonly Tensor[] | undefined): Promise<number> {
  if (inputs === undefined) return 0;
  let hopMs = Number.POSITIVE_INFINITY;
  const endMs = performance.now() + HOP_MS;
  for (let i = 0; i < HOP_RUNS && performance.now() < endMs; i += 1) {
    const startMs = performance.now();
    const { runMs } = await thread.run({ inputs, outputs: [0], owned: false });
    hopMs = Math.min(hopMs, performance.now() - startMs - runMs);
  }
  return hopMs;
}
