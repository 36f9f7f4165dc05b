import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ThreadLost, WorkerThread } from '../../../service/runtime/worker-thread';

const WORKER = join(__dirname, '../../fixtures/workers/idle-exit-worker.cjs');
const REASON = 'the thread ended with code 4';

/** A thread that opened its model and ended before anything was asked of it. */
async function endedThread(): Promise<WorkerThread> {
  const thread = new WorkerThread(WORKER, { modelPath: 'none', session: { intraOpThreads: 1, provider: 'cpu' } });
  await thread.open();
  await new Promise<void>((resolve) => thread.onLost(() => resolve()));
  return thread;
}

test('a thread that ended while idle refuses what is asked of it, where it would never answer', async () => {
  const thread = await endedThread();
  await expect(thread.run({ inputs: [], outputs: [0], owned: false })).rejects.toEqual(new ThreadLost(REASON));
});

test('a thread that ended while idle is lost to a listener that comes later', async () => {
  const thread = await endedThread();
  const reasons: string[] = [];
  thread.onLost((reason) => reasons.push(reason));
  expect(reasons).toEqual([REASON]);
});
