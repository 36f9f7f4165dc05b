import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { InlineExecutor } from '../../../service/runtime/inline-executor';
import { fixturePath, fp32 } from './fixtures';

const BATCH = { inputs: [fp32([1, 3], [1, 2, 3]), fp32([1, 3], [1, 1, 1])], outputs: [0], owned: false };

let executor: InlineExecutor;

beforeEach(() => {
  executor = InlineExecutor.open(fixturePath('add'), { intraOpThreads: 1 });
});
afterEach(() => executor.close());

/** The order in which runs end and the event loop turns. */
async function orderOf(runs: number): Promise<string[]> {
  const order: string[] = [];
  setImmediate(() => order.push('turn'));
  for (let i = 0; i < runs; i++) {
    await executor.run(BATCH);
    order.push('run');
  }
  return order;
}

test('a run does not wait for the event loop', async () => {
  expect(await orderOf(1)).toEqual(['run']);
});

test('the event loop turns between two runs', async () => {
  expect(await orderOf(2)).toEqual(['run', 'turn', 'run']);
});

test('it is free again after a run that failed', async () => {
  await expect(executor.run({ ...BATCH, outputs: [7] })).rejects.toThrow('index 7');
  expect(executor.free()).toBe(1);
});

test('a run at once comes back within the call', () => {
  expect(executor.runAtOnce(BATCH)?.outputs).toMatchObject([{ datatype: 'FP32', shape: [1, 3] }]);
});

test('there is no second run at once before the event loop turns', async () => {
  executor.runAtOnce(BATCH);
  expect(executor.runAtOnce(BATCH)).toBeUndefined();
  await new Promise((resolve) => setImmediate(resolve));
  expect(executor.runAtOnce(BATCH)).toBeDefined();
});

test('there is no run at once while another waits for the event loop to turn', async () => {
  await executor.run(BATCH);
  const waiting = executor.run(BATCH);
  expect(executor.runAtOnce(BATCH)).toBeUndefined();
  await waiting;
});
