import { describe, expect, test } from '@jest/globals';
import { runFailed, workerLost } from '../../../service/errors';
import type { RunResult } from '../../../service/runtime/job';
import type { Tensor } from '../../../service/tensor';
import { numberedRows, POISON, SimulatedWorld, type WorldSettings } from './simulated-world';

const LONG_MS = 1_000_000;

function worldOf(settings: Partial<WorldSettings> = {}): SimulatedWorld {
  return new SimulatedWorld({ parallel: 1, largestBatch: 8, fixedMs: 10, perRowMs: 1, ...settings });
}

interface Ask {
  readonly first: number;
  readonly rows?: number;
  readonly width?: number;
  readonly outputs?: readonly number[];
  readonly timeoutMs?: number;
  readonly isAlone?: boolean;
  readonly isCancelled?: () => boolean;
}

function submit(world: SimulatedWorld, ask: Ask): Promise<RunResult> {
  const { first, rows = 1, width = 1, outputs = [0], timeoutMs = LONG_MS, isAlone, isCancelled } = ask;
  const inputs = [numberedRows(first, rows, width)];
  const deadlineMs = world.nowMs + timeoutMs;
  return world.batcher.submit({ inputs, rows, outputs, deadlineMs, isAlone, isCancelled }, world.nowMs);
}

function idsOfRuns(world: SimulatedWorld): readonly (readonly number[])[] {
  return world.runs.map(({ ids }) => ids);
}

describe('forming batches', () => {
  test('an idle executor takes all that came in the same turn, at once', async () => {
    // GIVEN an idle model
    const world = worldOf();
    // WHEN three jobs come in the same turn of the event loop
    const results = [1, 2, 3].map((first) => submit(world, { first }));
    await world.finish();
    // THEN they run together, without a wait
    expect(world.runs.map(({ startMs, ids }) => [startMs, ids])).toEqual([[0, [1, 2, 3]]]);
    expect(await Promise.all(results)).toMatchObject([1, 2, 3].map(() => ({ queueMs: 0, runMs: 13, batchRows: 3 })));
  });

  test('a job known to be alone runs within the call that submits it', async () => {
    const world = worldOf();
    void submit(world, { first: 1, isAlone: true });
    expect(idsOfRuns(world)).toEqual([[1]]);
    await world.finish();
  });

  test('a job alone at an idle model on the calling thread is answered from that run', async () => {
    const world = worldOf({ isInline: true });
    const result = submit(world, { first: 7, isAlone: true });
    expect(await result).toMatchObject({ queueMs: 0, runMs: 11, batchRows: 1, outputs: [{ shape: [1, 1] }] });
  });

  test('a model on the calling thread that fails refuses the lone job with its reason', async () => {
    const world = worldOf({ isInline: true });
    const result = submit(world, { first: POISON, isAlone: true });
    await expect(result).rejects.toEqual(runFailed('simulated', 'poison'));
  });

  test('a lone job waits its turn where a run is under way', async () => {
    // GIVEN a model on the calling thread that runs a batch until 12
    const world = worldOf({ isInline: true });
    for (const first of [1, 2]) void submit(world, { first });
    // WHEN a job comes alone in its turn
    world.at(5, () => void submit(world, { first: 3, isAlone: true }));
    await world.finish();
    // THEN it runs when the batch has ended
    expect(world.runs.map(({ startMs, ids }) => [startMs, ids])).toEqual([
      [0, [1, 2]],
      [12, [3]],
    ]);
  });

  test('a lone job larger than a batch is cut as any other', async () => {
    const world = worldOf({ isInline: true, largestBatch: 4 });
    void submit(world, { first: 0, rows: 6, isAlone: true });
    await world.finish();
    expect(world.runs.map(({ rows }) => rows)).toEqual([4, 2]);
  });

  test('a lone job whose caller has gone is not run', async () => {
    const world = worldOf({ isInline: true });
    const result = submit(world, { first: 1, isAlone: true, isCancelled: () => true });
    await expect(result).rejects.toMatchObject({ code: 'deadline' });
    expect(world.runs).toEqual([]);
  });

  test('rows that come while the executor is busy run together when it is free', async () => {
    // GIVEN a model that runs one row for 11 ms
    const world = worldOf();
    void submit(world, { first: 1 });
    // WHEN others come in the meantime
    for (const atMs of [2, 5, 9]) world.at(atMs, () => void submit(world, { first: atMs }));
    await world.finish();
    // THEN they are the next batch
    expect(world.runs.map(({ startMs, ids }) => [startMs, ids])).toEqual([
      [0, [1]],
      [11, [2, 5, 9]],
    ]);
  });

  test('a model that gains nothing from batches runs each row as soon as it can', async () => {
    const world = worldOf({ largestBatch: 1, fixedMs: 0 });
    for (const first of [1, 2, 3]) void submit(world, { first });
    await world.finish();
    expect(idsOfRuns(world)).toEqual([[1], [2], [3]]);
  });

  test('rows run together however long the event loop is busy around their run', async () => {
    // GIVEN a model of which all that surrounds a run takes longer than half of what a job allows
    const world = worldOf();
    for (let i = 0; i < 200; i += 1) world.throughput.record(1, 11, 80, false);
    // WHEN several jobs wait
    for (const first of [1, 2, 3]) void submit(world, { first, timeoutMs: 100 });
    await world.finish();
    // THEN one run takes them all: apart, each would pay for what surrounds it
    expect(idsOfRuns(world)).toEqual([[1, 2, 3]]);
  });

  test('a job that does not fit into the rest of a batch begins the next', async () => {
    const world = worldOf();
    for (const first of [10, 20, 30]) void submit(world, { first, rows: 3 });
    await world.finish();
    expect(idsOfRuns(world)).toEqual([
      [10, 11, 12, 20, 21, 22],
      [30, 31, 32],
    ]);
  });

  test('jobs of another shape do not share a run', async () => {
    const world = worldOf();
    for (const [first, width] of [
      [1, 1],
      [2, 3],
      [3, 1],
    ] as const)
      void submit(world, { first, width });
    await world.finish();
    expect(idsOfRuns(world)).toEqual([[1, 3], [2]]);
  });

  test('jobs that ask for other outputs do not share a run', async () => {
    const world = worldOf();
    for (const [first, outputs] of [
      [1, [0]],
      [2, [1]],
      [3, [0]],
    ] as const)
      void submit(world, { first, outputs });
    await world.finish();
    expect(idsOfRuns(world)).toEqual([[1, 3], [2]]);
  });

  test('the oldest job decides which group is next', async () => {
    // GIVEN a busy model, and behind it a job of one shape, then many of another
    const world = worldOf({ largestBatch: 2 });
    void submit(world, { first: 1 });
    world.at(1, () => void submit(world, { first: 2, width: 3 }));
    for (const first of [3, 4, 5]) world.at(first, () => void submit(world, { first }));
    await world.finish();
    // THEN the lonely one is not passed over
    expect(idsOfRuns(world)).toEqual([[1], [2], [3, 4], [5]]);
  });

  test('no job is taken along in a batch that would eat up half of what it allows', async () => {
    // GIVEN rows of 10 ms each, and a job that allows 50 ms
    const world = worldOf({ fixedMs: 0, perRowMs: 10 });
    void submit(world, { first: 1, timeoutMs: 50 });
    for (const first of [2, 3, 4]) void submit(world, { first });
    await world.finish();
    // THEN its batch takes at most 25 ms, and the others go on without it
    expect(idsOfRuns(world)).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  test('a job alone in its batch is passed on as it is, without a copy', async () => {
    const world = worldOf();
    const input = numberedRows(1, 4, 1);
    void world.batcher.submit({ inputs: [input], rows: 4, outputs: [0], deadlineMs: LONG_MS }, world.nowMs);
    await world.finish();
    expect(world.runs[0]?.batch.inputs[0]).toBe(input);
    expect(world.runs[0]?.batch.owned).toBe(false);
  });

  test('several executors work at the same time', async () => {
    const world = worldOf({ parallel: 2, largestBatch: 1 });
    for (const first of [1, 2, 3]) void submit(world, { first });
    await world.finish();
    expect(world.runs.map(({ startMs }) => startMs)).toEqual([0, 0, 11]);
  });
});

describe('a job larger than a batch', () => {
  test('is cut and its outputs joined again', async () => {
    const world = worldOf();
    const result = submit(world, { first: 0, rows: 20, outputs: [1, 0] });
    await world.finish();
    const { outputs, runMs, batchRows } = await result;
    expect(world.runs.map(({ rows }) => rows)).toEqual([8, 8, 4]);
    expect(outputs.map(({ shape }) => shape)).toEqual([[20], [20, 1]]);
    expect([...dataOf(outputs, 1)]).toEqual(Array.from({ length: 20 }, (_, row) => row * 2));
    expect([runMs, batchRows]).toEqual([50, 8]);
  });

  test('lets the others have their turn between its parts', async () => {
    const world = worldOf();
    void submit(world, { first: 100, rows: 32 });
    world.at(1, () => void submit(world, { first: 1 }));
    await world.finish();
    // THEN the small job waits for the part that stood in the queue before it, and no longer
    expect(world.runs.map(({ ids }) => ids[0])).toEqual([100, 108, 1, 116, 124]);
  });

  test('goes to the end also when a job before it was dropped', async () => {
    // GIVEN a job given up, a job of a batch and a half, and two that fill a batch
    const world = worldOf();
    submit(world, { first: 1, isCancelled: () => true }).catch(() => undefined);
    void submit(world, { first: 100, rows: 12 });
    void submit(world, { first: 200, rows: 2 });
    void submit(world, { first: 300, rows: 6 });
    await world.finish();
    expect(world.runs.map(({ ids }) => [ids[0], ids.at(-1)])).toEqual([
      [100, 107],
      [200, 305],
      [108, 111],
    ]);
  });

  test('counts only with its next turn as what others wait for', () => {
    const world = worldOf();
    void submit(world, { first: 0, rows: 1000 });
    void submit(world, { first: 0, rows: 2 });
    expect([world.batcher.queuedRows, world.batcher.turnRows]).toEqual([1002, 10]);
  });

  test('fails as a whole when one of its parts fails', async () => {
    const world = worldOf();
    const input = numberedRows(0, 20, 1);
    if (input.data instanceof Float32Array) input.data[12] = POISON;
    const result = world.batcher.submit({ inputs: [input], rows: 20, outputs: [0], deadlineMs: LONG_MS }, world.nowMs);
    const failure = expect(result).rejects.toEqual(runFailed('simulated', 'poison'));
    await world.finish();
    await failure;
    expect(world.runs).toHaveLength(2);
  });
});

describe('failing runs', () => {
  test('only the job to blame fails; its neighbours are run again without it', async () => {
    // GIVEN three jobs in one batch, the second of which the model fails on
    const world = worldOf();
    const results = [1, POISON, 3].map((first) => submit(world, { first }));
    const settled = Promise.allSettled(results);
    // WHEN they run
    await world.finish();
    // THEN the others are answered
    expect(await settled).toMatchObject([
      { status: 'fulfilled', value: { batchRows: 1 } },
      { status: 'rejected', reason: { statusCode: 400, code: 'run_failed' } },
      { status: 'fulfilled', value: { batchRows: 1 } },
    ]);
    expect(idsOfRuns(world)).toEqual([[1, POISON, 3], [1], [POISON], [3]]);
  });

  test('a neighbour that nobody waits for any more is not run again', async () => {
    // GIVEN a batch of three, of which the last is given up while it runs
    const world = worldOf();
    const settled = Promise.allSettled([
      submit(world, { first: 1 }),
      submit(world, { first: POISON }),
      submit(world, { first: 3, isCancelled: () => world.nowMs > 5 }),
    ]);
    await world.finish();
    // THEN it has no run of its own
    expect(idsOfRuns(world)).toEqual([[1, POISON, 3], [1], [POISON]]);
    expect((await settled)[2]).toMatchObject({ status: 'rejected', reason: { code: 'deadline' } });
  });

  test('an error that is not the model’s reaches all jobs of the batch', async () => {
    const world = worldOf();
    const lost = workerLost('simulated');
    world.failNextRunWith(lost);
    const results = [1, 2].map((first) => submit(world, { first }));
    const settled = Promise.allSettled(results);
    await world.finish();
    expect(await settled).toEqual([1, 2].map(() => ({ status: 'rejected', reason: lost })));
    expect(world.runs).toHaveLength(1);
  });
});

describe('deadlines', () => {
  test('a job whose deadline passed while it waited is answered 503 and never run', async () => {
    const world = worldOf();
    void submit(world, { first: 1 });
    const late = expect(submit(world, { first: 2, width: 3, timeoutMs: 10 })).rejects.toMatchObject({
      statusCode: 503,
      code: 'deadline',
    });
    await world.finish();
    await late;
    expect(idsOfRuns(world)).toEqual([[1]]);
  });

  test('jobs are answered at their deadline even while no executor is there', async () => {
    // GIVEN a model whose workers are all lost
    const world = worldOf();
    world.isDown = true;
    // WHEN two jobs wait, the second less patiently
    const settledMs: number[] = [];
    for (const timeoutMs of [80, 30]) {
      submit(world, { first: 1, timeoutMs }).catch(() => settledMs.push(world.nowMs));
    }
    await world.finish();
    // THEN each is told at its time
    expect(settledMs).toEqual([30, 80]);
  });

  test('a job that nobody waits for any more is not run', async () => {
    const world = worldOf();
    let isGone = false;
    void submit(world, { first: 1 });
    const gone = expect(submit(world, { first: 2, width: 3, isCancelled: () => isGone })).rejects.toThrow();
    world.at(5, () => {
      isGone = true;
    });
    await world.finish();
    await gone;
    expect(idsOfRuns(world)).toEqual([[1]]);
  });
});

describe('drained()', () => {
  test('resolves when the last job is answered', async () => {
    const world = worldOf({ largestBatch: 1 });
    for (const first of [1, 2]) void submit(world, { first });
    let drainedMs = -1;
    void world.batcher.drained().then(() => {
      drainedMs = world.nowMs;
    });
    await world.finish();
    expect(drainedMs).toBe(22);
  });

  test('resolves at once when there is nothing to wait for', async () => {
    await expect(worldOf().batcher.drained()).resolves.toBeUndefined();
  });
});

function dataOf(outputs: readonly Tensor[], index: number): Tensor['data'] {
  const output = outputs[index];
  if (output === undefined) throw new RangeError(`no output ${index}`);
  return output.data;
}
