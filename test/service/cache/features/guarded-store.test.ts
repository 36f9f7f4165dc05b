import { afterEach, describe, expect, test } from '@jest/globals';
import { HttpFeatureStore } from '../../../../service/cache/features/http-store';
import { featureKey, RedisFeatureStore } from '../../../../service/cache/features/redis-store';
import { parseRedisAddress } from '../../../../service/cache/redis-address';
import { freePort } from '../../../support/free-port';
import { RedisServer } from '../../../support/redis-server';
import { eventually } from '../../../support/requests';
import { FeatureServer } from './feature-server';
import { guarded, USER, Warnings } from './views';

describe('a person is warned of a store', () => {
  const cleanups: (() => unknown)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  function openRedis(url: string) {
    const { logger, told } = new Warnings();
    const server = new RedisFeatureStore(parseRedisAddress(url, '--feature-store'), logger);
    const { store } = guarded(server, logger);
    cleanups.push(() => store.close());
    return { server, store, told };
  }

  function openHttp(url: string) {
    const { logger, told } = new Warnings();
    const { store } = guarded(new HttpFeatureStore(url), logger);
    cleanups.push(() => store.close());
    return { store, told };
  }

  test('not where it is a Redis that answers', async () => {
    const redis = await RedisServer.start();
    cleanups.push(() => redis.stop());
    await redis.call('HSET', featureKey('user', 'a'), 'age', '30');
    const { server, store, told } = openRedis(redis.url);
    await eventually(
      () =>
        server.probe().then(
          () => true,
          () => false,
        ),
      (answers) => answers,
    );
    const [read] = await store.read(USER, ['a']);
    expect([read?.outcome, told]).toEqual(['known', []]);
  });

  test('once where it is a Redis that is not there at the start, with the reason', async () => {
    const port = await freePort();
    const { told } = openRedis(`redis://127.0.0.1:${port}`);
    await eventually(
      async () => told.length,
      (lines) => lines > 0,
    );
    expect(told).toMatchObject([
      { msg: 'the feature store cannot be reached', reason: `connect ECONNREFUSED 127.0.0.1:${port}` },
    ]);
  });

  test('not where it is a server that answers', async () => {
    const server = await FeatureServer.start({ a: { age: 30 } });
    cleanups.push(() => server.stop());
    const { store, told } = openHttp(server.url);
    await store.read(USER, ['a']);
    expect(told).toEqual([]);
  });

  test('once where it is a server that is not there at the start, with the reason', async () => {
    const port = await freePort();
    const { told } = openHttp(`http://127.0.0.1:${port}`);
    await eventually(
      async () => told.length,
      (lines) => lines > 0,
    );
    expect(told).toMatchObject([
      { msg: 'the feature store does not answer yet', reason: `connect ECONNREFUSED 127.0.0.1:${port}` },
    ]);
  });

  test('once where a server fails at every read, with the reason', async () => {
    const server = await FeatureServer.start({ a: { age: 30 } });
    cleanups.push(() => server.stop());
    const { store, told } = openHttp(server.url);
    await store.read(USER, ['a']);
    await eventually(
      async () => server.probes,
      (probes) => probes > 0,
    );
    server.behaviour = 'fail';
    for (let i = 0; i < 100; i++) await store.read(USER, ['a']);
    expect(told).toMatchObject([{ msg: 'the feature store fails', reason: 'it answers 500' }]);
  });
});
