import { messageOf } from '../../lib/spec/message-of';
import { workerLost } from '../errors';
import type { Tensor } from '../tensor';
import type { Batch, Executor } from './executor';
import { RestartBackoff } from './restart-backoff';
import type { ModelRun } from './session';
import type { WorkerSettings } from './worker-messages';
import { ThreadLost, WorkerThread } from './worker-thread';

export interface WorkerPool {
  /** Name of the model, for errors. */
  readonly name: string;
  /** File that each thread runs. */
  readonly workerPath: string;
  readonly settings: WorkerSettings;
  /** Threads to hold. */
  readonly workers: number;
  /** Inputs for the first run of a thread, which is a slow one; undefined: none are known. */
  readonly warmInputs: readonly Tensor[] | undefined;
  /** A thread ended by itself; the next one starts after the delay. */
  readonly onLost: (reason: string, restartDelayMs: number) => void;
}

/** One place of the pool: a thread, or the wait for the next one. */
interface Slot {
  thread: WorkerThread | undefined;
  /** The thread to come, while it loads the model. */
  loading: WorkerThread | undefined;
  isBusy: boolean;
  readonly backoff: RestartBackoff;
  /** When the next thread is expected to be ready, while there is none. */
  readyAtMs: number;
  restart: NodeJS.Timeout | undefined;
}

/**
 * Runs a heavy model on threads of its own, so that the event loop stays free. A thread that ends by itself fails the
 * batch it had with 503 and is replaced, after a growing delay if it happens again and again; the others go on.
 */
export class WorkerExecutor implements Executor {
  readonly kind = 'worker';
  readonly parallel: number;
  readonly #slots: readonly Slot[];
  #onFree: (() => void) | undefined;
  #loadMs = 0;
  #isClosed = false;

  private constructor(private readonly pool: WorkerPool) {
    this.parallel = pool.workers;
    this.#slots = Array.from({ length: pool.workers }, () => ({
      thread: undefined,
      loading: undefined,
      isBusy: false,
      backoff: new RestartBackoff(),
      readyAtMs: 0,
      restart: undefined,
    }));
  }

  /**
   * @param first a thread that has the model loaded; the others are started beside it
   * @throws Error when one of them cannot load the model
   */
  static async start(first: WorkerThread, pool: WorkerPool): Promise<WorkerExecutor> {
    const executor = new WorkerExecutor(pool);
    const [firstSlot, ...others] = executor.#slots;
    if (firstSlot === undefined) throw new RangeError('a pool needs at least one worker');
    executor.#adopt(firstSlot, first);
    try {
      await Promise.all(others.map((slot) => executor.#fillSlot(slot)));
    } catch (error) {
      await executor.close();
      throw error;
    }
    return executor;
  }

  free(): number {
    let free = 0;
    for (const slot of this.#slots) if (isFree(slot)) free += 1;
    return free;
  }

  readyInMs(): number {
    if (this.#slots.some(({ thread }) => thread !== undefined)) return 0;
    return Math.max(0, Math.min(...this.#slots.map(({ readyAtMs }) => readyAtMs)) - performance.now());
  }

  onFree(listener: () => void): void {
    this.#onFree = listener;
  }

  async run(batch: Batch): Promise<ModelRun> {
    const slot = this.#slots.find(isFree);
    if (slot?.thread === undefined) throw new Error('no worker is free');
    slot.isBusy = true;
    try {
      return await slot.thread.run(batch);
    } catch (error) {
      throw error instanceof ThreadLost ? workerLost(this.pool.name) : error;
    } finally {
      slot.isBusy = false;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(
      this.#slots.map(async (slot) => {
        clearTimeout(slot.restart);
        const { thread, loading } = slot;
        slot.thread = undefined;
        await Promise.all([thread?.terminate(), loading?.terminate()]);
      }),
    );
  }

  async #fillSlot(slot: Slot): Promise<void> {
    const thread = new WorkerThread(this.pool.workerPath, this.pool.settings);
    slot.loading = thread;
    try {
      await thread.open();
      await warmUp(thread, this.pool.warmInputs);
      this.#loadMs = performance.now() - thread.startedMs;
      this.#adopt(slot, thread);
    } catch (error) {
      await thread.terminate();
      throw error;
    } finally {
      slot.loading = undefined;
    }
  }

  #adopt(slot: Slot, thread: WorkerThread): void {
    slot.thread = thread;
    thread.onLost((reason) => {
      slot.thread = undefined;
      this.#replace(slot, reason, performance.now() - thread.startedMs);
    });
  }

  #replace(slot: Slot, reason: string, livedMs: number): void {
    const delayMs = slot.backoff.nextDelayMs(livedMs);
    slot.readyAtMs = performance.now() + delayMs + this.#loadMs;
    this.pool.onLost(reason, delayMs);
    slot.restart = setTimeout(() => {
      this.#fillSlot(slot).then(
        () => this.#onFree?.(),
        (error: unknown) => {
          if (!this.#isClosed) this.#replace(slot, messageOf(error), 0);
        },
      );
    }, delayMs);
  }
}

function isFree({ thread, isBusy }: Slot): boolean {
  return thread !== undefined && !isBusy;
}

async function warmUp(thread: WorkerThread, inputs: readonly Tensor[] | undefined): Promise<void> {
  if (inputs === undefined) return;
  await thread.run({ inputs, outputs: [0], owned: false });
}
