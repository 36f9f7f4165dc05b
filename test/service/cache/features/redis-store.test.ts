import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { featureKey, RedisFeatureStore } from '../../../../service/cache/features/redis-store';
import { parseRedisAddress } from '../../../../service/cache/redis-address';
import { RedisServer } from '../../../support/redis-server';
import { eventually } from '../../../support/requests';
import { guarded, plain, SILENT, USER } from './views';

describe('features in Redis', () => {
  let redis: RedisServer;
  let store: RedisFeatureStore;

  beforeAll(async () => {
    redis = await RedisServer.start();
    store = new RedisFeatureStore(parseRedisAddress(redis.url, '--feature-store'), SILENT);
    await eventually(
      () =>
        store.probe().then(
          () => true,
          () => false,
        ),
      (answers) => answers,
    );
    await redis.call('HSET', featureKey('user', 'a'), 'age', '30', 'member', 'true', 'city', 'Oslo');
    await redis.call('HSET', featureKey('user', 'b'), 'event_timestamp', '2026-01-01T00:00:00Z', 'city', '"Rome"');
  });
  afterAll(async () => {
    await store.close();
    await redis.stop();
  });

  test('a hash holds the features of an entity as text', async () => {
    const features = await store.read(USER, ['a', 'b', 'nobody']);
    expect([features.map(plain), features[1]?.updatedMs]).toEqual([
      [{ age: 30, member: true, city: 'Oslo' }, { city: 'Rome' }, undefined],
      Date.UTC(2026, 0, 1),
    ]);
  });

  test('text that is no number fits no number', async () => {
    await redis.call('HSET', featureKey('user', 'c'), 'age', 'thirty');
    const [read] = await guarded(store).store.read(USER, ['c']);
    expect(read).toEqual({
      outcome: 'failed',
      reason: "'age' in the feature store is not a whole number of at least 0",
    });
  });

  test('a Redis that stalls costs the budget and no more, and is used again when it is back', async () => {
    const { store: guard, metrics } = guarded(store);
    redis.stall();
    const reads = await Promise.all(Array.from({ length: 6 }, () => guard.read({ ...USER, budgetMs: 20 }, ['a'])));
    redis.resume();
    expect(new Set(reads.map(([read]) => read?.outcome))).toEqual(new Set(['failed']));
    expect(metrics.lookups.error + metrics.lookups.skipped).toBe(6);
    await eventually(
      () => guard.read(USER, ['a']),
      ([read]) => read?.outcome === 'known',
    );
  });
});
