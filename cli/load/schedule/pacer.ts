import { Worker } from 'node:worker_threads';
import type { PacerData } from './pacer-thread';

/** Calls back when a time has come. */
export interface Pacer {
  /** Asks to be woken at a time of the monotonic clock, in place of an earlier one asked for before. */
  wakeAt(timeMs: number): void;
  close(): Promise<void>;
}

/**
 * A pacer that is late by a tenth of a millisecond and not by one to two, as timers of the event loop are: a thread
 * sleeps until the time and sends a message. Polling the clock instead would take a core from what is measured.
 *
 * @param threadPath the bundle of pacer-thread.ts
 */
export async function startPacer(threadPath: string, onTime: () => void): Promise<Pacer> {
  const data: PacerData = {
    sequence: new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)),
    dueMs: new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT)),
    parked: new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)),
  };
  const worker = new Worker(threadPath, { workerData: data });
  await new Promise<void>((resolve, reject) => worker.once('online', resolve).once('error', reject));
  worker.on('message', onTime);
  return {
    wakeAt: (timeMs) => {
      data.dueMs[0] = timeMs;
      Atomics.add(data.sequence, 0, 1);
      // Waking a thread costs more than all else that a request needs. One that sleeps until an earlier time wakes anyway.
      if (Atomics.load(data.parked, 0) === 1) Atomics.notify(data.sequence, 0);
    },
    close: async () => {
      await worker.terminate();
    },
  };
}
