import { beforeEach, describe, expect, test } from '@jest/globals';
import type { CachedModel } from '../../../service/cache/cached-model';
import { MemoryCache } from '../../../service/cache/memory-cache';
import { PredictionCache } from '../../../service/cache/prediction-cache';
import type { Tensor } from '../../../service/tensor';

const TTL_MS = 1000;
const RUN_MS = 50;

describe('rows in memory over time', () => {
  let nowMs: number;
  let random: number;
  let runs: number;
  let runMs: number;
  let cache: PredictionCache;
  let model: CachedModel;

  beforeEach(() => {
    [nowMs, random, runs, runMs] = [0, 0.5, 0, RUN_MS];
    cache = new PredictionCache({ memory: new MemoryCache(1 << 20), now: () => nowMs, random: () => random });
    model = cache.model('counter', 'a1b2c3d4e5f6a7b8', TTL_MS);
  });

  /** Answers with the number of the run, which takes its time on the test's clock. */
  const count = async (): Promise<readonly Tensor[]> => {
    nowMs += runMs;
    return [{ datatype: 'FP64', shape: [1], data: Float64Array.of(++runs) }];
  };
  const ask = async (entity?: string): Promise<unknown> => {
    const entities = entity === undefined ? undefined : [entity];
    const { outputs } = await cache.resolve(model, { keys: ['k'], batched: true, compute: count, entities });
    return outputs[0]?.data[0];
  };

  test('near its end a row is answered at once and renewed behind the answer', async () => {
    // GIVEN a row that ends at 1050
    await ask();
    // WHEN a reader comes shortly before, whom chance picks
    nowMs = 1040;
    random = 0.99;
    expect(await ask()).toBe(1);
    // THEN the next finds the new row, beyond the end of the old one
    random = 0.5;
    nowMs = 1100;
    expect([await ask(), runs]).toEqual([2, 2]);
  });

  test('readers at the same moment renew a row once', async () => {
    await ask();
    nowMs = 1040;
    random = 0.99;
    runMs = 0;
    await Promise.all([ask(), ask(), ask()]);
    expect(runs).toBe(2);
  });

  test('far from its end a row is not renewed, whatever chance says', async () => {
    await ask();
    nowMs = 40;
    random = 0.999_999;
    await ask();
    expect(runs).toBe(1);
  });

  test('a renewal that fails leaves the row to its end', async () => {
    await ask();
    nowMs = 1040;
    random = 0.99;
    const failing = { keys: ['k'], batched: true, compute: () => Promise.reject(new Error('down')) };
    await cache.resolve(model, failing);
    random = 0.5;
    expect(await ask()).toBe(1);
  });

  test.each([
    ['its model', { model: 'counter', scope: 'model' } as const],
    ['its key', { model: 'counter', scope: 'rows', keys: ['pred:counter:a1b2c3d4e5f6:k'] } as const],
    ['its entity', { model: 'counter', scope: 'entity', entity: 'user_42' } as const],
  ])('a row is forgotten by %s', async (_, invalidation) => {
    await ask('user_42');
    await cache.invalidate(invalidation);
    expect(await ask('user_42')).toBe(2);
  });

  test.each([
    ['another model', { model: 'other', scope: 'model' } as const],
    ['another key', { model: 'counter', scope: 'rows', keys: ['pred:counter:a1b2c3d4e5f6:j'] } as const],
    ['another entity', { model: 'counter', scope: 'entity', entity: 'user_7' } as const],
    ['the same entity of another model', { model: 'other', scope: 'entity', entity: 'user_42' } as const],
  ])('a row stays when %s is forgotten', async (_, invalidation) => {
    cache.model('other', 'a1b2c3d4e5f6a7b8', TTL_MS);
    await ask('user_42');
    await cache.invalidate(invalidation);
    expect(await ask('user_42')).toBe(1);
  });

  test('a model that never hits passes by, unless its runs are costly', () => {
    const takesPart = [1, 50].map((runMs) => {
      const each = cache.model('each', 'a1b2c3d4e5f6a7b8', TTL_MS);
      each.observeRun(runMs);
      each.bypass.record(2000, 0, 0);
      return each.takesPart(1, 1);
    });
    expect(takesPart).toEqual([false, true]);
  });
});
