import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CachedModel } from '../../../service/cache/cached-model';
import { epochMs, type KeptRow } from '../../../service/cache/kept-row';
import { MemoryCache } from '../../../service/cache/memory-cache';
import { PredictionCache, type Resolved } from '../../../service/cache/prediction-cache';
import type { ComputeRows } from '../../../service/cache/row-request';
import type { SharedRows } from '../../../service/cache/shared-rows';
import type { Tensor } from '../../../service/tensor';

const TTL_MS = 60_000;

/** A model that doubles, and remembers which rows it ran. */
function doubler(values: readonly number[], ran: number[] = []) {
  return async (rows: readonly number[]): Promise<readonly Tensor[]> => {
    const wanted = rows.map((row) => values[row] ?? Number.NaN);
    ran.push(...wanted);
    return [{ datatype: 'FP64', shape: [wanted.length, 1], data: Float64Array.from(wanted, (value) => 2 * value) }];
  };
}

function keysFor(values: readonly number[]): string[] {
  return values.map(String);
}

function cacheOf(bytes = 1 << 20): PredictionCache {
  return new PredictionCache({ memory: new MemoryCache(bytes), random: () => 0.5 });
}

function modelOf(cache: PredictionCache, ttlMs = TTL_MS): CachedModel {
  return cache.model('doubler', 'a1b2c3d4e5f6a7b8', ttlMs);
}

function ask(cache: PredictionCache, keys: readonly string[], compute: ComputeRows, ttlMs?: number): Promise<Resolved> {
  return cache.resolve(modelOf(cache, ttlMs), { keys, batched: true, compute });
}

describe('predictions by row', () => {
  test('every answer equals the one without a cache, whatever was asked before', async () => {
    const request = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 6 }), async (requests) => {
        const cache = cacheOf();
        const answers = await Promise.all(requests.map((values) => ask(cache, keysFor(values), doubler(values))));
        for (const [i, values] of requests.entries()) {
          expect([...(answers[i]?.outputs[0]?.data ?? [])]).toEqual(values.map((value) => 2 * value));
        }
      }),
    );
  });

  test('a row runs once, however many requests hold it', async () => {
    // GIVEN requests at the same time that share rows
    const cache = cacheOf();
    const ran: number[] = [];
    const requests = [[1, 2], [2, 3], [2], [3, 3, 4]];
    await Promise.all(requests.map((values) => ask(cache, keysFor(values), doubler(values, ran))));
    // THEN no row ran twice
    expect(ran.sort()).toEqual([1, 2, 3, 4]);
  });

  test('1,000 equal requests at once run the model once', async () => {
    const cache = cacheOf();
    const ran: number[] = [];
    const all = Array.from({ length: 1000 }, () => ask(cache, ['7'], doubler([7], ran)));
    await Promise.all(all);
    expect(ran).toEqual([7]);
  });

  test('of a request with 30 known rows of 32 only two run', async () => {
    const cache = cacheOf();
    const values = Array.from({ length: 32 }, (_, i) => i);
    await ask(cache, keysFor(values.slice(0, 30)), doubler(values.slice(0, 30)));
    const ran: number[] = [];
    const { hits, misses } = await ask(cache, keysFor(values), doubler(values, ran));
    expect({ ran, hits, misses }).toEqual({ ran: [30, 31], hits: 30, misses: 2 });
  });

  test('an error is not kept', async () => {
    const cache = cacheOf();
    await expect(ask(cache, ['1'], () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    const { outputs } = await ask(cache, ['1'], doubler([1]));
    expect(outputs[0]?.data).toEqual(Float64Array.of(2));
  });

  test('a request that joined a failing run runs by itself', async () => {
    // GIVEN a request that will fail, and an equal one that joined it
    const cache = cacheOf();
    const leader = ask(cache, ['1'], () => Promise.reject(new Error('gone')));
    const follower = ask(cache, ['1'], doubler([1]));
    // THEN only the first fails
    await expect(leader).rejects.toThrow('gone');
    expect((await follower).outputs[0]?.data).toEqual(Float64Array.of(2));
  });

  test('a good row is not lost to the bad neighbour it was joined with', async () => {
    const cache = cacheOf();
    const leader = ask(cache, ['1', 'bad'], () => Promise.reject(new Error('bad row')));
    const follower = ask(cache, ['1', '5'], doubler([1, 5]));
    await expect(leader).rejects.toThrow('bad row');
    expect((await follower).outputs[0]?.data).toEqual(Float64Array.of(2, 10));
  });

  test('what is kept does not hold the batch that it came from', async () => {
    // GIVEN an output that is a view into a large batch
    const cache = cacheOf();
    const batch = new Float64Array(1000);
    const outputs = [{ datatype: 'FP64' as const, shape: [1, 1], data: batch.subarray(5, 6) }];
    await ask(cache, ['1'], () => Promise.resolve(outputs));
    // WHEN the batch is written over
    batch.fill(9);
    // THEN the kept row is as it was
    const again = await ask(cache, ['1'], doubler([1]));
    expect(again.outputs[0]?.data).toEqual(Float64Array.of(0));
  });

  test('the cache stays within its bytes', async () => {
    const cache = cacheOf(10_000);
    for (let i = 0; i < 200; i++) await ask(cache, [String(i)], doubler([i]));
    expect(cache.sizeBytes).toBeLessThanOrEqual(10_000);
  });

  test('a whole request of a model without rows is kept as one', async () => {
    const cache = cacheOf();
    const outputs: readonly Tensor[] = [{ datatype: 'FP64', shape: [2, 2], data: Float64Array.of(1, 2, 3, 4) }];
    await cache.resolve(modelOf(cache), { keys: ['k'], batched: false, compute: () => Promise.resolve(outputs) });
    const again = await cache.resolve(modelOf(cache), {
      keys: ['k'],
      batched: false,
      compute: () => Promise.reject(new Error('must not run')),
    });
    expect({ hits: again.hits, outputs: again.outputs }).toEqual({ hits: 1, outputs });
  });

  test('a row is forgotten after its time to live', async () => {
    // GIVEN a row kept for a second
    let nowMs = 1;
    const cache = new PredictionCache({ memory: new MemoryCache(1 << 20), now: () => nowMs, random: () => 0.5 });
    const ran: number[] = [];
    await ask(cache, ['1'], doubler([1], ran), 1000);
    // WHEN it is asked for again after more than that
    nowMs = 1502;
    await ask(cache, ['1'], doubler([1], ran));
    // THEN it ran again
    expect(ran).toEqual([1, 1]);
  });
});

/** A shared cache whose answers come when the test says so. */
class HeldRows implements SharedRows {
  readonly isAvailable = true;
  /** Gives each read so far its rows. */
  readonly arrivals: ((rows: readonly KeptRow[]) => void)[] = [];

  read(): Promise<readonly KeptRow[]> {
    return new Promise((resolve) => this.arrivals.push(resolve));
  }
  write(): void {}
  skip(): void {}
  async claim() {
    return { found: undefined, release: () => {} };
  }
  forgetWritesOf(): void {}
  async invalidate(): Promise<number> {
    return 0;
  }
  async close(): Promise<void> {}
}

describe('a row that is on its way from the shared cache', () => {
  const KEY = 'pred:doubler:a1b2c3d4e5f6:1';

  test.each([
    ['its model is forgotten', (cache: PredictionCache) => cache.forget({ model: 'doubler', scope: 'model' })],
    ['it is forgotten', (cache: PredictionCache) => cache.forget({ model: 'doubler', scope: 'rows', keys: [KEY] })],
    [
      'its entity is forgotten',
      (cache: PredictionCache) => cache.forget({ model: 'doubler', scope: 'entity', entity: 'user_42' }),
    ],
    ['Redis tells of a change', (cache: PredictionCache) => cache.forgetKeys([KEY])],
    ['changes may have been missed', (cache: PredictionCache) => cache.forgetAll()],
  ])('when %s, is answered and not kept', async (_, forget) => {
    // GIVEN
    const shared = new HeldRows();
    const cache = new PredictionCache({ memory: new MemoryCache(1 << 20), shared, random: () => 0.5 });
    const model = modelOf(cache);
    const ask = () =>
      cache.resolve(model, { keys: ['1'], batched: true, compute: doubler([1]), entities: ['user_42'] });
    const answer = ask();
    // WHEN
    forget(cache);
    const row: readonly Tensor[] = [{ datatype: 'FP64', shape: [1, 1], data: Float64Array.of(7) }];
    shared.arrivals[0]?.([{ row, expiresMs: epochMs() + TTL_MS, runMs: 1 }]);
    // THEN
    expect((await answer).outputs[0]?.data).toEqual(Float64Array.of(7));
    void ask();
    expect(shared.arrivals.length).toBe(2);
  });
});
