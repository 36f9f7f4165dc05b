import { Worker } from 'node:worker_threads';
import { allocate, copyElements, type Tensor, type TensorSignature } from '../tensor';
import type { Batch } from './executor';
import type { ProbeReport } from './probe';
import type { ModelRun } from './session';
import { type FromWorker, type ToWorker, transferListOf, type WorkerSettings } from './worker-messages';

/** A thread ended before it answered. */
export class ThreadLost extends Error {}

interface Waiting {
  resolve(reply: FromWorker): void;
  reject(error: Error): void;
}

/** A worker thread that holds one model. It does one thing at a time: the next call is made when the last is answered. */
export class WorkerThread {
  readonly startedMs = performance.now();
  readonly #worker: Worker;
  #waiting: Waiting | undefined;
  #failure: string | undefined;
  /** Why the thread is no more: it may end while nobody waits for it, and would then never answer. */
  #endedBecause: string | undefined;
  #onLost: ((reason: string) => void) | undefined;

  /** Starts the thread; {@link open} says when it has loaded the model. */
  constructor(path: string, settings: WorkerSettings) {
    // The flags of this process, such as loaders and inspectors, are not for the worker.
    this.#worker = new Worker(path, { workerData: settings, execArgv: [] });
    this.#worker.on('message', (reply: FromWorker) => this.#settle()?.resolve(reply));
    this.#worker.on('error', (error: Error) => {
      this.#failure = error.message;
    });
    this.#worker.on('exit', (code) => this.#ended(this.#failure ?? `the thread ended with code ${code}`));
  }

  /**
   * To be called once, at once.
   *
   * @throws Error with one sentence when the model cannot be loaded; ThreadLost when the thread ends before
   */
  async open(): Promise<TensorSignature> {
    return expectKind(await this.#reply(), 'opened').signature;
  }

  /** Calls `listener` when the thread ends other than by {@link terminate}; at once where it has already. */
  onLost(listener: (reason: string) => void): void {
    if (this.#endedBecause === undefined) this.#onLost = listener;
    else listener(this.#endedBecause);
  }

  async probe(examples: readonly Tensor[] | undefined): Promise<ProbeReport> {
    return expectKind(await this.#ask({ kind: 'probe', examples }, []), 'probed').report;
  }

  /**
   * @throws Error with the model's reason when it fails on these inputs; ThreadLost when the thread ends
   */
  async run({ inputs, outputs, owned }: Batch): Promise<ModelRun> {
    const sent = owned ? inputs : inputs.map(copyOf);
    return expectKind(await this.#ask({ kind: 'run', inputs: sent, outputs }, transferListOf(sent)), 'ran');
  }

  async terminate(): Promise<void> {
    this.#onLost = undefined;
    await this.#worker.terminate();
  }

  #ask(message: ToWorker, transfer: readonly ArrayBuffer[]): Promise<FromWorker> {
    this.#worker.postMessage(message, transfer);
    return this.#reply();
  }

  #reply(): Promise<FromWorker> {
    return new Promise((resolve, reject) => {
      if (this.#endedBecause === undefined) this.#waiting = { resolve, reject };
      else reject(new ThreadLost(this.#endedBecause));
    });
  }

  #settle(): Waiting | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    return waiting;
  }

  #ended(reason: string): void {
    this.#endedBecause = reason;
    this.#settle()?.reject(new ThreadLost(reason));
    this.#onLost?.(reason);
  }
}

function expectKind<K extends FromWorker['kind']>(reply: FromWorker, kind: K): Extract<FromWorker, { kind: K }> {
  if (reply.kind === 'failed') throw new Error(reply.reason);
  if (!isKind(reply, kind)) throw new Error(`the worker answered '${reply.kind}' where '${kind}' was due`);
  return reply;
}

function isKind<K extends FromWorker['kind']>(reply: FromWorker, kind: K): reply is Extract<FromWorker, { kind: K }> {
  return reply.kind === kind;
}

/** A tensor that owns its memory. A view is never given away: that would take the whole buffer from its holder. */
function copyOf(tensor: Tensor): Tensor {
  const data = allocate(tensor.datatype, tensor.data.length);
  copyElements(tensor.data, data, 0);
  return { ...tensor, data };
}
