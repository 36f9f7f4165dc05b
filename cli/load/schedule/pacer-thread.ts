import { parentPort, workerData } from 'node:worker_threads';
import { monotonicMs } from './clock';

export interface PacerData {
  /** Rises whenever the time changes. */
  readonly sequence: Int32Array;
  /** When to send a message, by the monotonic clock. */
  readonly dueMs: Float64Array;
  /** 1 while the thread has sent its message and waits for the next time, which it must be told of. */
  readonly parked: Int32Array;
}

/** Sleeps until the time that the other thread has set, sends it a message, and waits for the next time. */
function pace({ sequence, dueMs, parked }: PacerData): never {
  for (;;) {
    const seen = Atomics.load(sequence, 0);
    const waitMs = (dueMs[0] ?? Number.POSITIVE_INFINITY) - monotonicMs();
    if (waitMs > 0) Atomics.wait(sequence, 0, seen, waitMs);
    else {
      parentPort?.postMessage(undefined);
      Atomics.store(parked, 0, 1);
      // Returns at once where the time has changed since it was read, so that no change is missed.
      Atomics.wait(sequence, 0, seen);
      Atomics.store(parked, 0, 0);
    }
  }
}

pace(workerData);
