import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { entityIndexKey } from '../../../service/cache/entity-keys';
import { entityKey } from '../../../service/cache/memory-cache';
import { type RedisCluster, RedisServer, startCluster } from '../../support/redis-server';
import { MODEL, Replica, until } from './running-cache';

const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function connect(...argv: ConstructorParameters<typeof Replica>): Promise<Replica> {
  const replica = new Replica(...argv);
  cleanups.push(() => replica.close());
  await replica.connected();
  return replica;
}

async function start(...settings: string[]): Promise<RedisServer> {
  const server = await RedisServer.start(...settings);
  cleanups.push(() => server.stop());
  return server;
}

const VALUES = Array.from({ length: 60 }, (_, i) => i);

/**
 * Asks until all rows have come from the shared cache, which they do some time after they were written. What is not there
 * in time this replica writes itself.
 */
async function findsAll(replica: Replica, entities?: readonly string[]): Promise<void> {
  await until(async () => {
    replica.forgetAll();
    return (await replica.ask(VALUES, entities)).hits === VALUES.length;
  });
}

/** How many rows a cluster knows of an entity; they become known some time after they are found. */
async function rowsOf(entity: string, { servers }: RedisCluster): Promise<number> {
  const index = entityIndexKey(entityKey(MODEL, entity));
  // All nodes but one refuse the question.
  const counts = await Promise.all(servers.map((server) => server.call('ZCARD', index).catch(() => 0)));
  return Math.max(...counts.map(Number));
}

describe('a cluster', () => {
  let cluster: RedisCluster;

  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterEach(async () => {
    for (const server of cluster.servers) await server.call('FLUSHALL');
  });
  afterAll(() => cluster.stop());

  test('rows lie on all of its nodes and are found in one request', async () => {
    const [first, second] = [await connect(cluster.url), await connect(cluster.url)];
    await first.ask(VALUES);
    await findsAll(second);
    const sizes = await Promise.all(cluster.servers.map(async (server) => Number(await server.call('DBSIZE'))));
    expect(sizes.every((size) => size > 0)).toBe(true);
  });

  test.each(['model', 'entity'] as const)('invalidation of a %s reaches all nodes and replicas', async (scope) => {
    const [first, second] = [await connect(cluster.url), await connect(cluster.url)];
    const entities = VALUES.map(() => 'user_42');
    await first.ask(VALUES, entities);
    await findsAll(second, entities);
    await until(async () => (await rowsOf('user_42', cluster)) === VALUES.length);
    const removed = await first.cache.invalidate(
      scope === 'model' ? { model: MODEL, scope } : { model: MODEL, scope, entity: 'user_42' },
    );
    expect(removed).toBeGreaterThanOrEqual(VALUES.length);
    second.ran.length = 0;
    second.forgetAll();
    await second.ask(VALUES, entities);
    expect(second.ran.length).toBe(VALUES.length);
  });

  test('a key deleted by hand on any node is forgotten by every replica', async () => {
    const replica = await connect(cluster.url);
    await replica.ask(VALUES);
    await findsAll(replica);
    replica.ran.length = 0;
    for (const server of cluster.servers) await server.call('FLUSHALL');
    await until(async () => {
      await replica.ask(VALUES);
      return replica.ran.length >= VALUES.length;
    });
  });
});

test('a node of a cluster that dies costs hits and no requests', async () => {
  const cluster = await startCluster();
  cleanups.push(() => cluster.stop());
  const replica = await connect(cluster.url);
  await cluster.servers[1]?.kill();
  for (let i = 0; i < 100; i++) {
    expect((await replica.ask([1000 + i])).outputs[0]?.data).toEqual(Float64Array.of(2000 + 2 * i));
  }
});

describe('sentinels', () => {
  test('lead to the primary, and to the new one after it died', async () => {
    const primary = await start();
    const second = await start('--replicaof', '127.0.0.1', String(primary.port));
    const sentinel = await RedisServer.startSentinel(primary.port);
    cleanups.push(() => sentinel.stop());
    const replica = await connect(`redis+sentinel://127.0.0.1:${sentinel.port}/primary`);
    await until(async () =>
      String(await sentinel.call('SENTINEL', 'REPLICAS', 'primary')).includes(String(second.port)),
    );
    await primary.kill();
    await sentinel.giveUpSilent();
    await until(async () => String(await second.call('ROLE')).startsWith('master'));
    await replica.connected();
    expect(Number(await second.call('DBSIZE'))).toBeGreaterThan(0);
  });
});

describe('who may use it', () => {
  test('a user with a password, percent-encoded', async () => {
    const redis = await start('--user', 'app', 'on', '>p@ss/w:rd', '~*', '&*', '+@all', '--user', 'default', 'off');
    await connect(`redis://app:p%40ss%2Fw%3Ard@127.0.0.1:${redis.port}`);
  });

  test('a password that is wrong costs hits and no requests', async () => {
    const redis = await start('--requirepass', 'right');
    const replica = new Replica(`redis://:wrong@127.0.0.1:${redis.port}`);
    cleanups.push(() => replica.close());
    for (let i = 0; i < 20; i++) await replica.ask([i]);
    expect(replica.ran.length).toBe(20);
  });
});
