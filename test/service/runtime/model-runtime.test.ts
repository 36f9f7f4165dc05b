import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RunResult } from '../../../service/runtime/job';
import type { ModelRuntime } from '../../../service/runtime/model-runtime';
import type { Tensor } from '../../../service/tensor';
import { fp32, int64, later, loadFixture, plain } from './fixtures';

const opened: ModelRuntime[] = [];

async function load(...args: Parameters<typeof loadFixture>): Promise<ModelRuntime> {
  const runtime = await loadFixture(...args);
  opened.push(runtime);
  return runtime;
}

afterAll(async () => {
  await Promise.all(opened.map((runtime) => runtime.close()));
});

function run(
  model: ModelRuntime,
  inputs: readonly Tensor[],
  rows: number,
  outputs: readonly number[] = [0],
): Promise<RunResult> {
  return model.submit({ inputs, rows, outputs, deadlineMs: later() });
}

/** Rows of three elements that no other job has, and what the model 'add' makes of them. */
function addJob(seed: number, rows: number): { inputs: readonly Tensor[]; sum: number[]; difference: number[] } {
  const a = Array.from({ length: rows * 3 }, (_, i) => seed * 100 + i);
  const b = Array.from({ length: rows * 3 }, (_, i) => i % 7);
  return {
    inputs: [fp32([rows, 3], a), fp32([rows, 3], b)],
    sum: a.map((value, i) => value + (b[i] ?? 0)),
    difference: a.map((value, i) => value - (b[i] ?? 0)),
  };
}

describe.each(['inline', 'worker'] as const)('on the executor %s', (executor) => {
  const options = { executor, workers: 2, maxBatchRows: 16 };
  let add: ModelRuntime;

  beforeAll(async () => {
    add = await load('add', options);
  });

  test('many jobs at once each get their own rows and outputs', async () => {
    // GIVEN jobs of 0 to 40 rows, some asking for both outputs in either order
    const jobs = Array.from({ length: 200 }, (_, seed) => ({
      ...addJob(seed, [1, 1, 2, 5, 0, 40][seed % 6] ?? 1),
      outputs: [[0], [1], [0, 1], [1, 0]][seed % 4] ?? [0],
    }));
    // WHEN they are submitted together
    const results = await Promise.all(
      jobs.map(({ inputs, outputs }) => run(add, inputs, inputs[0]?.shape[0] ?? 0, outputs)),
    );
    // THEN none is mixed up
    for (const [i, { inputs, outputs, sum, difference }] of jobs.entries()) {
      const rows = inputs[0]?.shape[0] ?? 0;
      const expected = outputs.map((index) => ({ shape: [rows, 3], values: index === 0 ? sum : difference }));
      expect(plain(results[i]?.outputs ?? [])).toEqual(expected);
    }
  });

  test('rows that come together run together', async () => {
    const results = await Promise.all([1, 2, 3, 4, 5].map((seed) => run(add, addJob(seed, 1).inputs, 1)));
    expect(Math.max(...results.map(({ batchRows }) => batchRows))).toBeGreaterThan(1);
  });

  test('rows that come some promises later in the same turn run with the first', async () => {
    // GIVEN jobs that are submitted after more and more promises
    const submitAfter = async (promises: number) => {
      for (let i = 0; i < promises; i++) await undefined;
      return run(add, addJob(promises, 1).inputs, 1);
    };
    // WHEN they run
    const results = await Promise.all([0, 1, 5, 20].map(submitAfter));
    // THEN all have been one batch
    expect(results.map(({ batchRows }) => batchRows)).toEqual([4, 4, 4, 4]);
  });

  test('one request of 10,000 rows is answered, and so are those that come after it, before it', async () => {
    const large = addJob(1, 10_000);
    const order: string[] = [];
    const largeResult = run(add, large.inputs, 10_000).then((result) => {
      order.push('large');
      return result;
    });
    const small = addJob(2, 1);
    const smallResult = run(add, small.inputs, 1).then((result) => {
      order.push('small');
      return result;
    });
    const [first, second] = await Promise.all([largeResult, smallResult]);
    expect(plain(first.outputs)).toEqual([{ shape: [10_000, 3], values: large.sum }]);
    expect(plain(second.outputs)).toEqual([{ shape: [1, 3], values: small.sum }]);
    expect(order).toEqual(['small', 'large']);
    expect(first.batchRows).toBe(16);
  });

  test('inputs are left as they were', async () => {
    const { inputs } = addJob(3, 2);
    const before = plain(inputs);
    await run(add, inputs, 2);
    expect(plain(inputs)).toEqual(before);
  });

  test('an index out of range fails one request alone', async () => {
    const model = await load('embed', options);
    const settled = await Promise.allSettled([1, 9, 4].map((index) => run(model, [int64([index])], 1)));
    expect(
      settled.map((result) => (result.status === 'fulfilled' ? plain(result.value.outputs) : result.reason)),
    ).toEqual([
      [{ shape: [1, 3], values: [3, 4, 5] }],
      expect.objectContaining({
        statusCode: 400,
        message:
          "model 'embed' failed on this input: indices element out of data bounds, idx=9 must be within the inclusive range [-5,4]",
      }),
      [{ shape: [1, 3], values: [12, 13, 14] }],
    ]);
  });

  test('requests of different lengths are answered side by side', async () => {
    const model = await load('total', options);
    const lengths = [3, 1, 3, 2, 0, 1];
    const results = await Promise.all(
      lengths.map((length) => run(model, [fp32([2, length], new Array(2 * length).fill(1))], 2)),
    );
    expect(results.map(({ outputs }) => plain(outputs))).toEqual(
      lengths.map((length) => [{ shape: [2], values: [length, length] }]),
    );
  });

  test('texts are carried', async () => {
    const model = await load('strings', options);
    const words = ['one', 'nothing', 'two'];
    const results = await Promise.all(
      words.map((word) => run(model, [{ datatype: 'BYTES', shape: [1, 1], data: [word] }], 1)),
    );
    expect(results.map(({ outputs }) => plain(outputs))).toEqual(
      [1n, -1n, 2n].map((number) => [{ shape: [1, 1], values: [number] }]),
    );
  });

  test('a request without rows is answered without outputs’ rows', async () => {
    const { outputs } = await run(add, [fp32([0, 3], []), fp32([0, 3], [])], 0, [1, 0]);
    expect(plain(outputs)).toEqual([1, 0].map(() => ({ shape: [0, 3], values: [] })));
  });

  test('a model that is not batchable answers each request as it is', async () => {
    const model = await load('center', options);
    const results = await Promise.all([
      run(model, [fp32([2, 4], [1, 1, 1, 1, 3, 3, 3, 3])], 2),
      run(model, [fp32([1, 4], [5, 5, 5, 5])], 1),
    ]);
    expect(results.map(({ outputs }) => plain(outputs))).toEqual([
      [{ shape: [2, 4], values: [-1, -1, -1, -1, 1, 1, 1, 1] }],
      [{ shape: [1, 4], values: [0, 0, 0, 0] }],
    ]);
  });

  test('scalar inputs are served', async () => {
    const model = await load('scale', options);
    const { outputs } = await run(model, [fp32([1, 2], [1, 2]), fp32([], [3])], 1);
    expect(plain(outputs)).toEqual([{ shape: [1, 2], values: [3, 6] }]);
  });

  test('close() answers what was admitted and refuses what comes after', async () => {
    // GIVEN jobs under way
    const model = await load('add', options);
    const results = [1, 2, 3].map((seed) => run(model, addJob(seed, 40).inputs, 40));
    // WHEN the model is closed
    const closed = model.close();
    const late = run(model, addJob(4, 1).inputs, 1);
    // THEN they are answered, and no other
    await expect(late).rejects.toMatchObject({ statusCode: 503, code: 'stopping' });
    await expect(Promise.all(results)).resolves.toHaveLength(3);
    await closed;
    await expect(model.close()).resolves.toBeUndefined();
  });
});

describe('overload', () => {
  test('jobs beyond the queue’s limit are refused with the time after which to try again', async () => {
    const model = await load('slow', { executor: 'worker', workers: 1, maxBatchRows: 1, queueRows: 2 });
    const slowJob = [fp32([1, 64], new Array(64).fill(1))];
    const settled = await Promise.allSettled(Array.from({ length: 5 }, () => run(model, slowJob, 1)));
    const refused = settled.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    expect(refused).not.toHaveLength(0);
    for (const reason of refused) {
      expect(reason).toMatchObject({ statusCode: 503, code: 'queue_full', retryAfterMs: expect.any(Number) });
      expect(reason.retryAfterMs).toBeGreaterThan(0);
    }
  });

  test('a job that cannot be answered in time is refused at once, and does not run', async () => {
    const runs: number[] = [];
    const observer = { onBatch: (rows: number) => runs.push(rows) };
    const model = await load('slow', { executor: 'worker', workers: 1, maxBatchRows: 1 }, observer);
    const inputs = [fp32([1, 64], new Array(64).fill(1))];
    const first = run(model, inputs, 1);
    const hurried = model.submit({ inputs, rows: 1, outputs: [0], deadlineMs: performance.now() + 2 });
    await expect(hurried).rejects.toMatchObject({ statusCode: 503, code: 'deadline' });
    await first;
    expect(runs).toEqual([1]);
  });

  test('waiting rows are counted', async () => {
    const model = await load('slow', { executor: 'worker', workers: 1, maxBatchRows: 1 });
    const results = [1, 2, 3].map(() => run(model, [fp32([1, 64], new Array(64).fill(1))], 1));
    expect(model.queuedRows).toBe(3);
    await Promise.all(results);
    expect(model.queuedRows).toBe(0);
  });
});

test('jobs on the executor inline are answered in the turn of the event loop in which they came', async () => {
  // GIVEN a turn of the event loop, and the next one
  const add = await load('add', { executor: 'inline' });
  await new Promise((resolve) => setImmediate(resolve));
  const order: string[] = [];
  setImmediate(() => order.push('next turn'));
  // WHEN two jobs come
  await Promise.all([1, 2].map((seed) => run(add, addJob(seed, 1).inputs, 1).then(() => order.push('answer'))));
  // THEN both are answered first
  await new Promise((resolve) => setImmediate(resolve));
  expect(order).toEqual(['answer', 'answer', 'next turn']);
});

test('every run is reported with its rows and its duration', async () => {
  const runs: (readonly [number, number])[] = [];
  const model = await load('add', {}, { onBatch: (rows, runMs) => runs.push([rows, runMs]) });
  await Promise.all([1, 2, 3].map((seed) => run(model, addJob(seed, 2).inputs, 2)));
  expect(runs).toEqual([[6, expect.any(Number)]]);
  expect(runs[0]?.[1]).toBeGreaterThan(0);
});
