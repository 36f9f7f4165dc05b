import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Cluster } from 'ioredis';
import { featureKey, RedisFeatureStore } from '../../../../service/cache/features/redis-store';
import { parseRedisAddress } from '../../../../service/cache/redis-address';
import { RedisServer, startCluster } from '../../../support/redis-server';
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

  test('entities of one request are asked for in one round trip', async () => {
    const client = redis.client();
    const reads = async () => Number(/total_reads_processed:(\d+)/.exec(await client.info('stats'))?.[1]);
    const before = await reads();
    await store.read(
      USER,
      Array.from({ length: 100 }, (_, i) => `user_${i}`),
    );
    // Redis reads some thousand bytes at a time, and the question itself.
    expect((await reads()) - before).toBeLessThan(10);
    client.disconnect();
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

describe('features in Redis of every kind', () => {
  const cleanups: (() => unknown)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  async function start(...settings: string[]): Promise<RedisServer> {
    const server = await RedisServer.start(...settings);
    cleanups.push(() => server.stop());
    return server;
  }

  /** A store that answers. */
  async function open(url: string): Promise<RedisFeatureStore> {
    const store = new RedisFeatureStore(parseRedisAddress(url, '--feature-store'), SILENT);
    cleanups.push(() => store.close());
    await eventually(
      () => agesOf(store),
      (ages) => ages !== undefined,
    );
    return store;
  }

  /** Of ten entities; undefined while the store cannot be read. */
  const agesOf = (store: RedisFeatureStore) =>
    store.read(USER, TEN).then(
      (features) => features.map((each) => each?.values.get('age')),
      () => undefined,
    );
  const TEN = Array.from({ length: 10 }, (_, i) => `user_${i}`);
  const AGES = TEN.map((_, i) => 20 + i);
  const put = async (call: (...argv: [string, ...string[]]) => Promise<unknown>) => {
    for (const [i, entity] of TEN.entries()) await call('HSET', featureKey('user', entity), 'age', String(20 + i));
  };

  test('a server that dies is told at once, and used again once it is back', async () => {
    const redis = await start();
    const { store } = guarded(await open(redis.url));
    await redis.kill();
    for (let i = 0; i < 10; i++) expect(await store.read(USER, ['user_0'])).toMatchObject([{ outcome: 'failed' }]);
    expect(store.isAvailable).toBe(false);
    await redis.restart();
    await redis.call('HSET', featureKey('user', 'user_0'), 'age', '20');
    await eventually(
      () => store.read(USER, ['user_0']),
      ([read]) => read?.outcome === 'known',
    );
    await store.close();
  });

  test('a cluster: entities of one request lie on all of its nodes', async () => {
    const cluster = await startCluster();
    cleanups.push(() => cluster.stop());
    const client = new Cluster(cluster.servers.map(({ port }) => ({ host: '127.0.0.1', port })));
    await put((command, ...argv) => client.call(command, ...argv));
    client.disconnect();
    expect(await agesOf(await open(cluster.url))).toEqual(AGES);
  });

  test('sentinels that ask for a password lead to the primary, and to the new one after it died', async () => {
    const primary = await start();
    const second = await start('--replicaof', '127.0.0.1', String(primary.port));
    const sentinel = await RedisServer.startSentinel(primary.port, { password: 'p@ss' });
    cleanups.push(() => sentinel.stop());
    await put((command, ...argv) => primary.call(command, ...argv));
    const store = await open(`redis+sentinel://127.0.0.1:${sentinel.port}/primary?sentinelPassword=p%40ss`);
    expect(await agesOf(store)).toEqual(AGES);
    // WHEN the primary dies once the sentinel knows its replica, which has the features, too
    const watcher = sentinel.client({ password: 'p@ss' });
    cleanups.push(() => watcher.disconnect());
    await eventually(
      async () => String(await watcher.call('SENTINEL', 'REPLICAS', 'primary')),
      (replicas) => replicas.includes(`,${second.port},`) && replicas.includes('master-link-status,ok'),
    );
    await primary.kill();
    await sentinel.giveUpSilent({ password: 'p@ss' });
    // THEN the store answers from the one that took its place
    await eventually(
      async () => ({ role: String(await second.call('ROLE')), ages: await agesOf(store) }),
      ({ role, ages }) => role.startsWith('master') && ages !== undefined,
    );
    expect(await agesOf(store)).toEqual(AGES);
  });

  test('a user with a password', async () => {
    const redis = await start();
    await put((command, ...argv) => redis.call(command, ...argv));
    await redis.call('ACL', 'SETUSER', 'reader', 'on', '>p@ss', '~features:*', '+@read', '+@connection', '+info');
    await redis.call('ACL', 'SETUSER', 'default', 'off');
    expect(await agesOf(await open(`redis://reader:p%40ss@127.0.0.1:${redis.port}`))).toEqual(AGES);
  });
});
