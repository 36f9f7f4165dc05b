import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { RedisServer } from '../../support/redis-server';
import { Router } from '../../support/router';
import { MODEL, Replica, until } from './running-cache';

const OPENED = 'the shared cache fails and is left alone';
const BACK = 'the shared cache is back';

describe('a Redis that fails costs hits and no requests', () => {
  let redis: RedisServer;
  let replica: Replica;
  let next = 1000;

  beforeEach(async () => {
    redis = await RedisServer.start();
    replica = new Replica(redis.url);
    await connected(replica);
  });
  afterEach(async () => {
    redis.resume();
    await replica.close();
    await redis.stop();
  });

  /** Connects, and forgets what the log told until then: a busy machine may be slow to connect. */
  const connected = async (one: Replica): Promise<void> => {
    await one.connected();
    one.log.length = 0;
  };
  /** Asks for numbers that nobody asked for before, until the circuit breaker is open; each is answered. */
  const askUntilOpen = async (): Promise<void> => {
    await until(async () => {
      const value = next++;
      expect((await replica.ask([value])).outputs[0]?.data).toEqual(Float64Array.of(2 * value));
      return logged(OPENED);
    });
  };
  const logged = (line: string) => replica.log.some((text) => text.includes(line));
  /** Why reads were given up, but for the time that they took on a busy machine. */
  const openedByIt = () => replica.log.filter((line) => line.includes(OPENED) && !line.includes('no answer within'));
  const isUsedAgain = async (): Promise<void> => {
    await until(() => logged(BACK));
    await replica.usesRedis();
  };

  test('killed under load, it is left alone, and used again once it is back', async () => {
    await redis.kill();
    await askUntilOpen();
    await redis.restart();
    await isUsedAgain();
  });

  test('stalled under load, it is left alone, and used again once it goes on', async () => {
    redis.stall();
    await askUntilOpen();
    redis.resume();
    await isUsedAgain();
  });

  test('stalled for longer than a connection is kept, it is used again once it goes on', async () => {
    redis.stall();
    await askUntilOpen();
    await until(() => logged('the shared cache cannot be reached'));
    redis.resume();
    await isUsedAgain();
  });

  test('slow, it is not waited for, left alone, and used again once it is fast', async () => {
    // GIVEN a replica that is far from it
    const router = await Router.start(redis.port);
    const distant = new Replica(`redis://127.0.0.1:${router.port}`);
    try {
      await connected(distant);
      router.delayMs = 500;
      // WHEN it is asked for rows
      await until(async () => {
        const value = next++;
        expect((await distant.ask([value])).outputs[0]?.data).toEqual(Float64Array.of(2 * value));
        return distant.log.some((text) => text.includes(OPENED));
      });
      // THEN it was the budget that ended the wait, and once it is near it is used
      expect(distant.log.find((text) => text.includes(OPENED))).toContain('no answer within 15 ms');
      router.delayMs = 0;
      await until(() => distant.log.some((text) => text.includes(BACK)));
      await distant.usesRedis();
    } finally {
      await distant.close();
      router.stop();
    }
  });

  test('while it is left alone no request asks it', async () => {
    redis.stall();
    await askUntilOpen();
    const errors = 'cache_lookups_total{cache="prediction",layer="redis",outcome="error"}';
    const before = await replica.metric(errors);
    for (let i = 0; i < 100; i++) await replica.ask([next++]);
    expect((await replica.metric(errors)) - before).toBe(0);
    expect(await replica.metric('cache_available{cache="prediction",layer="redis"}')).toBe(0);
  });

  test('what is in memory is answered while it is stalled', async () => {
    await replica.ask([3]);
    await until(async () => (await redis.call('EXISTS', replica.redisKey(3))) === 1);
    await replica.caughtUp(redis);
    await replica.ask([3]);
    replica.ran.length = 0;
    redis.stall();
    await replica.ask([3]);
    expect(replica.ran).toEqual([]);
  });

  test('1,000 requests at the moment it stalls are all answered', async () => {
    redis.stall();
    const answers = await Promise.all(Array.from({ length: 1000 }, (_, i) => replica.ask([i])));
    expect(answers.map(({ outputs }) => outputs[0]?.data[0])).toEqual(Array.from({ length: 1000 }, (_, i) => 2 * i));
  });

  test('connections that a router has forgotten without a word are replaced', async () => {
    // GIVEN a replica behind something that can stop to forward what is connected, and still forwards what is new
    const router = await Router.start(redis.port);
    const behind = new Replica(`redis://127.0.0.1:${router.port}`);
    await connected(behind);
    // WHEN it forgets the connections
    router.forgetConnections();
    // THEN others take their place
    await until(async () => {
      await behind.ask([next++]);
      return behind.log.some((text) => text.includes(BACK));
    });
    await behind.close();
    router.stop();
  });

  test('all its connections killed at once, it is used again', async () => {
    await redis.call('CLIENT', 'KILL', 'TYPE', 'normal');
    await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await replica.usesRedis();
  });

  test('full, it still answers what it holds, and writes are given up until there is room', async () => {
    // GIVEN a row from before it was full
    await until(async () => {
      await replica.ask([1]);
      return (await redis.call('EXISTS', replica.redisKey(1))) === 1;
    });
    await redis.call('CONFIG', 'SET', 'maxmemory', '1');
    // WHEN more rows come
    await until(async () => {
      await replica.ask([next++]);
      return logged('the shared cache takes no writes');
    });
    const dropped = 'cache_writes_total{cache="prediction",layer="redis",outcome="dropped"}';
    await until(async () => {
      await replica.ask([next++]);
      return (await replica.metric(dropped)) > 0;
    });
    // THEN the old one is still found
    await until(async () => {
      replica.forgetAll();
      replica.ran.length = 0;
      await replica.ask([1]);
      return replica.ran.length === 0;
    });
    expect(openedByIt()).toEqual([]);
    // AND rows are kept again when there is room
    await redis.call('CONFIG', 'SET', 'maxmemory', '0');
    await until(async () => {
      const value = next++;
      await replica.ask([value]);
      return (await redis.call('EXISTS', replica.redisKey(value))) === 1;
    });
  });

  test('full with eviction, it makes room by itself, and what is evicted is run again', async () => {
    const used = Number(/used_memory:(\d+)/.exec(String(await redis.call('INFO', 'memory')))?.[1]);
    await redis.call('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    await redis.call('CONFIG', 'SET', 'maxmemory', String(used + 200_000));
    // GIVEN more rows than there is room for
    await until(async () => {
      await replica.ask(Array.from({ length: 100 }, () => next++));
      return !String(await redis.call('INFO', 'stats')).includes('evicted_keys:0');
    });
    // THEN each is answered
    const { outputs } = await replica.ask([1000, next]);
    expect([outputs[0]?.data, openedByIt()]).toEqual([Float64Array.of(2000, 2 * next), []]);
  });

  test('invalidation tells that it could only reach this replica', async () => {
    await redis.kill();
    await expect(replica.cache.invalidate({ model: MODEL, scope: 'model' })).rejects.toThrow(
      'only this replica has forgotten the predictions, the shared cache fails: there is no connection to it',
    );
  });
});

describe('a Redis that is not there at the start', () => {
  test('costs nothing, and is used once it comes', async () => {
    // GIVEN a replica that starts while Redis is down
    const redis = await RedisServer.start();
    await redis.kill();
    const replica = new Replica(redis.url);
    expect((await replica.ask([1, 2])).outputs[0]?.data).toEqual(Float64Array.of(2, 4));
    // WHEN it comes
    await redis.restart();
    // THEN it is used
    await replica.connected();
    await replica.close();
    await redis.stop();
  });
});
