import { stopping } from '../errors';
import { allocate, type Tensor, type TensorSignature } from '../tensor';
import { Admission } from './admission';
import { Batcher, type BatcherPort } from './batcher';
import type { DurationCurve } from './duration-curve';
import type { Executor } from './executor';
import type { Job, RunResult } from './job';
import type { ModelRuntime } from './model-runtime';
import type { ExecutorKind, RuntimeObserver } from './options';
import { Throughput } from './throughput';

export interface RuntimeParts {
  readonly name: string;
  readonly signature: TensorSignature;
  readonly notBatchedBecause: string | undefined;
  readonly executor: Executor;
  readonly curve: DurationCurve;
  /** Rows of the largest run worth making. */
  readonly largestBatch: () => number;
  /** Rows that may wait. */
  readonly queueRows: number;
  readonly observer: RuntimeObserver | undefined;
}

/** Longest delay that a timer of Node takes; a longer one fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Admission, batcher and executor of one model, put together. */
export class BatchingRuntime implements ModelRuntime {
  readonly signature: TensorSignature;
  readonly batchable: boolean;
  readonly notBatchedBecause: string | undefined;
  readonly executor: ExecutorKind;
  readonly #parts: RuntimeParts;
  readonly #batcher: Batcher;
  readonly #admission: Admission;
  #closing: Promise<void> | undefined;

  constructor(parts: RuntimeParts) {
    const { name, executor, curve, largestBatch, queueRows, observer } = parts;
    this.#parts = parts;
    this.signature = parts.signature;
    this.notBatchedBecause = parts.notBatchedBecause;
    this.batchable = parts.notBatchedBecause === undefined;
    this.executor = executor.kind;
    const throughput = new Throughput(curve, executor.parallel, largestBatch);
    const port: BatcherPort = {
      now: () => performance.now(),
      // Behind all promises that are settled in this moment, but in this turn of the event loop: in the next one other
      // requests arrive, and of connections that keep in step half would always wait while the other half runs.
      defer: (task) => process.nextTick(task),
      after: startTimer,
      free: () => executor.free(),
      run: (batch) => executor.run(batch),
      runAtOnce: executor.runAtOnce?.bind(executor),
      onBatch: observer?.onBatch?.bind(observer),
    };
    this.#batcher = new Batcher(name, port, throughput, largestBatch);
    this.#admission = new Admission(name, queueRows, this.#batcher, executor, throughput, largestBatch);
    executor.onFree(() => this.#batcher.wake());
  }

  get maxBatchRows(): number {
    return this.#parts.largestBatch();
  }

  get queuedRows(): number {
    return this.#batcher.queuedRows;
  }

  submit(job: Job): Promise<RunResult> {
    if (this.#closing !== undefined) return Promise.reject(stopping());
    // Where a request runs as it is, it is one row to the queue, whatever its shapes say.
    const counted = this.batchable || job.rows === 1 ? job : { ...job, rows: 1 };
    const empty = counted.rows === 0 ? emptyOutputs(this.signature, job.outputs) : undefined;
    if (empty !== undefined) return Promise.resolve({ outputs: empty, queueMs: 0, runMs: 0, batchRows: 0 });
    const nowMs = performance.now();
    const refusal = this.#admission.refusal(counted.rows, nowMs, job.deadlineMs);
    return refusal === undefined ? this.#batcher.submit(counted, nowMs) : Promise.reject(refusal);
  }

  close(): Promise<void> {
    this.#closing ??= this.#drainAndClose();
    return this.#closing;
  }

  async #drainAndClose(): Promise<void> {
    await this.#batcher.drained();
    await this.#parts.executor.close();
  }
}

function startTimer(delayMs: number, task: () => void): () => void {
  const timer = setTimeout(task, Math.min(delayMs, MAX_TIMER_MS)).unref();
  return () => clearTimeout(timer);
}

/** The outputs of a request without rows, where the signature tells their shapes; else undefined. */
function emptyOutputs(signature: TensorSignature, outputs: readonly number[]): readonly Tensor[] | undefined {
  const tensors: Tensor[] = [];
  for (const index of outputs) {
    const spec = signature.outputs[index];
    const tail = spec?.shape.slice(1) ?? [];
    if (spec === undefined || !tail.every((size) => typeof size === 'number')) return undefined;
    tensors.push({ datatype: spec.datatype, shape: [0, ...tail], data: allocate(spec.datatype, 0) });
  }
  return tensors;
}
