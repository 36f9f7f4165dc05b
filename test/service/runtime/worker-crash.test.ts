import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { RunResult } from '../../../service/runtime/job';
import type { ModelRuntime } from '../../../service/runtime/model-runtime';
import { fp32, later, loadFixture, plain } from './fixtures';

const CRASHING_WORKER = join(__dirname, '../../fixtures/workers/crashing-worker.cjs');
const EXIT = 666;
const THROW = 667;

let model: ModelRuntime;
let losses: { reason: string; restartDelayMs: number }[];

/** One row each: what makes the worker crash must not take neighbours in its batch along. */
async function load(workers: number): Promise<void> {
  losses = [];
  const onWorkerLost = (reason: string, restartDelayMs: number): void => {
    losses.push({ reason, restartDelayMs });
  };
  model = await loadFixture('add', { executor: 'worker', workers, maxBatchRows: 1 }, { onWorkerLost }, CRASHING_WORKER);
}

function run(first: number): Promise<RunResult> {
  const inputs = [fp32([1, 3], [first, 0, 0]), fp32([1, 3], [1, 1, 1])];
  return model.submit({ inputs, rows: 1, outputs: [0], deadlineMs: later() });
}

async function sumOf(first: number): Promise<unknown> {
  return plain((await run(first)).outputs)[0]?.values[0];
}

describe('a worker that ends by itself', () => {
  beforeEach(() => load(1));
  afterEach(() => model.close());

  test.each([
    [EXIT, 'the thread ended with code 3'],
    [THROW, 'thrown in the worker'],
  ])('(%i) fails its job with 503, is reported and replaced', async (trigger, reason) => {
    // WHEN a job makes the worker end
    await expect(run(trigger)).rejects.toMatchObject({ statusCode: 503, code: 'worker_lost' });
    // THEN the next one runs in another
    expect(await sumOf(5)).toBe(6);
    expect(losses).toEqual([{ reason, restartDelayMs: 0 }]);
  });

  test('keeps the jobs behind it waiting until it is replaced', async () => {
    const settled = await Promise.allSettled([run(EXIT), sumOf(1), sumOf(2)]);
    expect(settled).toMatchObject([
      { status: 'rejected', reason: { code: 'worker_lost' } },
      { status: 'fulfilled', value: 2 },
      { status: 'fulfilled', value: 3 },
    ]);
  });

  test('is replaced after a growing delay when it happens again and again', async () => {
    for (let i = 0; i < 3; i += 1) await expect(run(EXIT)).rejects.toMatchObject({ code: 'worker_lost' });
    expect(losses.map(({ restartDelayMs }) => restartDelayMs)).toEqual([0, 100, 200]);
    expect(await sumOf(5)).toBe(6);
  });

  test('does not keep close() from ending', async () => {
    await expect(run(EXIT)).rejects.toMatchObject({ code: 'worker_lost' });
    await expect(model.close()).resolves.toBeUndefined();
  });
});

test('with two workers, the loss of one leaves the jobs of the other unharmed', async () => {
  await load(2);
  const values = Array.from({ length: 50 }, (_, i) => i);
  const settled = await Promise.allSettled([run(EXIT), ...values.map(sumOf)]);
  await model.close();
  expect(settled[0]).toMatchObject({ status: 'rejected', reason: { code: 'worker_lost' } });
  expect(settled.slice(1)).toEqual(values.map((value) => ({ status: 'fulfilled', value: value + 1 })));
});
