import { Batcher, type BatcherPort } from '../../../service/runtime/batcher';
import { DurationCurve } from '../../../service/runtime/duration-curve';
import type { Batch } from '../../../service/runtime/executor';
import type { ModelRun } from '../../../service/runtime/session';
import { Throughput } from '../../../service/runtime/throughput';
import type { Tensor } from '../../../service/tensor';

/** A run as the simulated model saw it. */
export interface SeenRun {
  readonly startMs: number;
  readonly rows: number;
  /** First element of each row, by which the tests tell rows apart. */
  readonly ids: readonly number[];
  readonly batch: Batch;
}

export interface WorldSettings {
  readonly parallel: number;
  readonly largestBatch: number;
  readonly fixedMs: number;
  readonly perRowMs: number;
  /** Runs on the calling thread, once in a turn. @default false */
  readonly isInline?: boolean;
}

/** A value that makes the simulated model fail, as an index out of range does. */
export const POISON = -1;

/**
 * A batcher in simulated time, with a model of one FP32 input [rows, width] and two outputs: the first doubles each
 * element, the second gives the width of each row.
 */
export class SimulatedWorld {
  readonly runs: SeenRun[] = [];
  readonly batcher: Batcher;
  readonly throughput: Throughput;
  maxRunning = 0;
  nowMs = 0;
  /** Made true to have every executor lost. */
  isDown = false;
  #running = 0;
  #events: { atMs: number; order: number; task: () => void }[] = [];
  #order = 0;
  #nextError: Error | undefined;
  #lastRunAtOnceMs: number | undefined;

  constructor(readonly settings: WorldSettings) {
    const curve = new DurationCurve();
    curve.add(1, settings.fixedMs + settings.perRowMs);
    curve.add(10, settings.fixedMs + 10 * settings.perRowMs);
    const largest = (): number => settings.largestBatch;
    this.throughput = new Throughput(curve, settings.parallel, largest);
    const port: BatcherPort = {
      now: () => this.nowMs,
      defer: (task) => this.at(this.nowMs, task),
      after: (delayMs, task) => this.#schedule(this.nowMs + delayMs, task),
      free: () => (this.isDown ? 0 : settings.parallel - this.#running),
      run: (batch) => this.#run(batch),
      runAtOnce: settings.isInline === true ? (batch) => this.#runAtOnce(batch) : undefined,
    };
    this.batcher = new Batcher('simulated', port, this.throughput, largest);
  }

  /** Has the next run end with this error. */
  failNextRunWith(error: Error): void {
    this.#nextError = error;
  }

  /** Has `task` called at a time. */
  at(atMs: number, task: () => void): void {
    this.#schedule(atMs, task);
  }

  /** Lets time pass until nothing is left to happen. */
  async finish(): Promise<void> {
    for (;;) {
      // Whatever the last event resolved must have had its consequences before time goes on.
      await new Promise((resolve) => setImmediate(resolve));
      const next = this.#events.reduce(
        (first, event) => (isBefore(event, first) ? event : first),
        this.#events[0] ?? { atMs: Number.POSITIVE_INFINITY, order: 0, task: () => undefined },
      );
      if (next.atMs === Number.POSITIVE_INFINITY) return;
      this.#events = this.#events.filter((event) => event !== next);
      this.nowMs = next.atMs;
      next.task();
    }
  }

  #schedule(atMs: number, task: () => void): () => void {
    const event = { atMs, order: this.#order++, task };
    this.#events.push(event);
    return () => {
      this.#events = this.#events.filter((other) => other !== event);
    };
  }

  #run(batch: Batch): Promise<ModelRun> {
    this.#running += 1;
    this.maxRunning = Math.max(this.maxRunning, this.#running);
    const outcome = this.#outcomeOf(batch);
    return new Promise((resolve, reject) => {
      this.at(this.nowMs + this.#runMs(batch), () => {
        this.#running -= 1;
        if (outcome instanceof Error) reject(outcome);
        else resolve(outcome);
      });
    });
  }

  /** Takes no simulated time, since nothing else can happen meanwhile. */
  #runAtOnce(batch: Batch): ModelRun | undefined {
    if (this.isDown || this.#running > 0 || this.#lastRunAtOnceMs === this.nowMs) return undefined;
    this.#lastRunAtOnceMs = this.nowMs;
    const outcome = this.#outcomeOf(batch);
    if (outcome instanceof Error) throw outcome;
    return outcome;
  }

  #outcomeOf(batch: Batch): ModelRun | Error {
    const [input] = batch.inputs;
    if (input === undefined || !(input.data instanceof Float32Array)) throw new TypeError('FP32 expected');
    const [rows = 0, width = 1] = input.shape;
    const data = input.data;
    const ids = Array.from({ length: rows }, (_, row) => data[row * width] ?? Number.NaN);
    this.runs.push({ startMs: this.nowMs, rows, ids, batch });
    const error = this.#nextError ?? (data.includes(POISON) ? new Error('poison') : undefined);
    this.#nextError = undefined;
    if (error !== undefined) return error;
    const all: readonly Tensor[] = [
      { datatype: 'FP32', shape: [rows, width], data: data.map((value) => value * 2) },
      { datatype: 'INT32', shape: [rows], data: new Int32Array(rows).fill(width) },
    ];
    return { outputs: batch.outputs.flatMap((index) => all[index] ?? []), runMs: this.#runMs(batch) };
  }

  #runMs({ inputs: [input] }: Batch): number {
    return this.settings.fixedMs + this.settings.perRowMs * (input?.shape[0] ?? 0);
  }
}

function isBefore(a: { atMs: number; order: number }, b: { atMs: number; order: number }): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

/** Rows [first, first + rows) of the given width, each filled with its number. */
export function numberedRows(first: number, rows: number, width: number): Tensor {
  const data = new Float32Array(rows * width);
  for (let row = 0; row < rows; row += 1) data.fill(first + row, row * width, (row + 1) * width);
  return { datatype: 'FP32', shape: [rows, width], data };
}
