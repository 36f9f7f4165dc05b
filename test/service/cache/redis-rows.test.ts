import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { READ_BUDGET_MS } from '../../../service/cache/redis-rows';
import { RedisServer } from '../../support/redis-server';
import { Gate, HITS, MODEL, Replica, until } from './running-cache';

describe('rows shared through Redis', () => {
  let redis: RedisServer;
  let replicas: Replica[];

  beforeEach(async () => {
    redis = await RedisServer.start();
    replicas = [];
  });
  afterEach(async () => {
    await Promise.all(replicas.map((replica) => replica.close()));
    await redis.stop();
  });

  /** One that waits for Redis however busy the machine is, unless told otherwise. */
  const connect = async (options: ConstructorParameters<typeof Replica>[1] = {}): Promise<Replica> => {
    const replica = new Replica(redis.url, { readBudgetMs: 60_000, ...options });
    replicas.push(replica);
    await replica.connected();
    return replica;
  };
  const isShared = (replica: Replica, value: number) => async () =>
    (await redis.call('EXISTS', replica.redisKey(value))) === 1;

  test('what one replica ran, another finds', async () => {
    const [first, second] = [await connect(), await connect()];
    await first.ask([1, 2]);
    await until(isShared(first, 2));
    const { outputs, hits } = await second.ask([2, 1, 3]);
    expect({ hits, ran: second.ran, data: outputs[0]?.data }).toEqual({
      hits: 2,
      ran: [3],
      data: Float64Array.of(4, 2, 6),
    });
  });

  test('all rows of a request are looked up in one command', async () => {
    const replica = await connect();
    const client = redis.client();
    const calls = async () => /cmdstat_mget:calls=(\d+)/.exec(await client.info('commandstats'))?.[1];
    const before = Number(await calls());
    await replica.ask(Array.from({ length: 100 }, (_, i) => i));
    expect(Number(await calls()) - before).toBe(1);
    client.disconnect();
  });

  test('a new replica finds what is there from before', async () => {
    const first = await connect();
    await first.ask([1]);
    await until(isShared(first, 1));
    const late = await connect();
    expect((await late.ask([1])).hits).toBe(1);
  });

  test('a new artifact makes the rows of the old one unreachable', async () => {
    const old = await connect();
    await old.ask([1]);
    await until(isShared(old, 1));
    const renewed = await connect({ digest: 'ffffffffffffffff' });
    await renewed.ask([1]);
    expect(renewed.ran).toEqual([1]);
  });

  test('rows live for their time, and a tenth longer or shorter', async () => {
    const replica = await connect({ ttlMs: 600_000 });
    const values = Array.from({ length: 20 }, (_, i) => i);
    await replica.ask(values);
    await until(isShared(replica, 19));
    const lives: number[] = [];
    for (const value of values) lives.push(Number(await redis.call('PTTL', replica.redisKey(value))));
    for (const lifeMs of lives) expect(Math.abs(lifeMs - 600_000)).toBeLessThanOrEqual(100_000);
    expect(Math.max(...lives) - Math.min(...lives)).toBeGreaterThan(20_000);
  });

  test('what a replica wrote itself stays in its memory', async () => {
    const replica = await connect();
    await replica.ask([1]);
    await until(isShared(replica, 1));
    // GIVEN that Redis has told of the write
    await replica.caughtUp(redis);
    const before = await replica.metric(HITS);
    await replica.ask([1]);
    expect([replica.ran, (await replica.metric(HITS)) - before]).toEqual([[1], 0]);
  });

  test('all rows of a large request are written, however many may be on their way', async () => {
    const replica = await connect();
    await replica.ask(Array.from({ length: 500 }, (_, i) => i));
    await until(async () => (await Promise.all([0, 250, 499].map((i) => isShared(replica, i)()))).every(Boolean));
  });

  test('rows that are forgotten while they wait for Redis do not come back with it', async () => {
    const replica = await connect({ readBudgetMs: READ_BUDGET_MS });
    // GIVEN more rows than are on their way at once, behind a Redis that stalls
    redis.stall();
    await replica.ask(Array.from({ length: 500 }, (_, i) => i));
    // WHEN the replica hears that they are invalid
    replica.cache.forget({ model: MODEL, scope: 'model' });
    redis.resume();
    // THEN none is left once a later row has arrived
    let later = 1000;
    await until(async () => {
      await replica.ask([++later]);
      return isShared(replica, later)();
    });
    const kept = await Promise.all([0, 99, 100, 499].map((i) => isShared(replica, i)()));
    expect(kept).toEqual([false, false, false, false]);
  });

  test('an entry that this version did not write is run', async () => {
    const replica = await connect();
    await redis.call('SET', replica.redisKey(1), 'something else');
    await replica.ask([1]);
    expect(replica.ran).toEqual([1]);
  });

  test('1,000 equal requests at once run the model once and ask Redis once', async () => {
    const replica = await connect();
    const misses = 'cache_lookups_total{cache="prediction",layer="redis",outcome="miss"}';
    const before = await replica.metric(misses);
    await Promise.all(Array.from({ length: 1000 }, () => replica.ask([7])));
    expect([replica.ran, (await replica.metric(misses)) - before]).toEqual([[7], 1]);
  });

  test('replicas run an expensive row once for all of them', async () => {
    // GIVEN replicas that know that a run takes long
    const three = [await connect(), await connect(), await connect()];
    const gate = new Gate();
    for (const replica of three) {
      for (let run = 0; run < 20; run++) replica.model.observeRun(4000);
      replica.gate = gate.opened;
    }
    const claims = async () =>
      Number(/cmdstat_set:calls=(\d+)/.exec(String(await redis.call('INFO', 'commandstats')))?.[1]);
    const before = await claims();
    // WHEN all are asked for the same row at once, and try to claim it while it runs
    const asked = Promise.all(three.map((replica) => replica.ask([5])));
    await until(async () => (await claims()) >= before + three.length);
    gate.open();
    const answers = await asked;
    // THEN one of them ran it
    expect(three.flatMap(({ ran }) => ran)).toEqual([5]);
    expect(answers.map(({ outputs }) => outputs[0]?.data)).toEqual(new Array(3).fill(Float64Array.of(10)));
  });

  test('a replica that dies with a claim does not hold up the others for long', async () => {
    const replica = await connect();
    for (let run = 0; run < 20; run++) replica.model.observeRun(60);
    // GIVEN a claim of somebody who will never write
    await redis.call('SET', `run:${replica.redisKey(5)}`, '', 'PX', '60000');
    const { outputs } = await replica.ask([5]);
    expect([replica.ran, outputs[0]?.data]).toEqual([[5], Float64Array.of(10)]);
  });

  describe('invalidation', () => {
    /** Two replicas that hold the row in memory, behind the messages of its being written. */
    const twoThatHold = async (value: number, entity?: string): Promise<[Replica, Replica]> => {
      const pair: [Replica, Replica] = [await connect(), await connect()];
      for (const replica of pair) {
        await replica.ask([value], entity === undefined ? undefined : [entity]);
        await until(isShared(replica, value));
      }
      for (const replica of pair) await replica.caughtUp(redis);
      for (const replica of pair) {
        await replica.ask([value], entity === undefined ? undefined : [entity]);
        replica.ran.length = 0;
      }
      return pair;
    };
    /** Asks until the replica has forgotten the row, and tells all that it ran. */
    const runAgain = async (replica: Replica, value: number): Promise<readonly number[]> => {
      await until(async () => {
        await replica.ask([value]);
        return replica.ran.includes(value);
      });
      return replica.ran;
    };
    test('of a model reaches every replica and Redis', async () => {
      const [first, second] = await twoThatHold(1);
      const removed = await first.cache.invalidate({ model: MODEL, scope: 'model' });
      for (const replica of [first, second]) await replica.caughtUp(redis);
      for (const replica of [first, second])
        expect(replica.cache.rows === 0 || replica.model.epoch.value > 0).toBe(true);
      await second.ask([1]);
      expect([removed >= 1, second.ran]).toEqual([true, [1]]);
    });

    test('of a row reaches every replica, and other rows stay', async () => {
      const [first, second] = await twoThatHold(1);
      await second.ask([2]);
      await until(isShared(second, 2));
      await second.caughtUp(redis);
      await first.cache.invalidate({ model: MODEL, scope: 'rows', keys: [first.redisKey(1)] });
      second.ran.length = 0;
      await runAgain(second, 1);
      await second.ask([2]);
      expect(second.ran).toEqual([1]);
    });

    test('of an entity reaches every replica, and other entities stay', async () => {
      const [first, second] = await twoThatHold(1, 'user_42');
      await second.ask([2], ['user_7']);
      await until(isShared(second, 2));
      await second.caughtUp(redis);
      const removed = await first.cache.invalidate({ model: MODEL, scope: 'entity', entity: 'user_42' });
      second.ran.length = 0;
      await runAgain(second, 1);
      await second.ask([2]);
      expect([removed, second.ran]).toEqual([1, [1]]);
    });

    test('reaches rows that Redis has lost but a replica still holds', async () => {
      const [first, second] = await twoThatHold(1);
      // GIVEN a row that is only in memory, because Redis took no writes
      await redis.call('CONFIG', 'SET', 'maxmemory', '1');
      await second.ask([9]);
      await redis.call('CONFIG', 'SET', 'maxmemory', '0');
      second.ran.length = 0;
      // WHEN another replica invalidates it
      await first.cache.invalidate({ model: MODEL, scope: 'rows', keys: [first.redisKey(9)] });
      // THEN it is run again
      expect(await runAgain(second, 9)).toEqual([9]);
    });

    test.each([
      ['a key that is deleted by hand', (replica: Replica) => redis.call('DEL', replica.redisKey(1))],
      ['a flush by hand', () => redis.call('FLUSHALL')],
    ])('%s reaches every replica', async (_, change) => {
      const [first, second] = await twoThatHold(1);
      await change(first);
      expect(await runAgain(second, 1)).toEqual([1]);
    });

    test('a replica whose connection was cut has forgotten all when it hears again', async () => {
      const [, second] = await twoThatHold(1);
      // GIVEN that all connections are cut, and the row vanishes unheard
      await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await redis.call('DEL', second.redisKey(1));
      // THEN it is run again as soon as the connection is back
      await runAgain(second, 1);
      // AND later invalidations are heard
      await until(isShared(second, 1));
      await second.caughtUp(redis);
      await second.ask([1]);
      second.ran.length = 0;
      await redis.call('DEL', second.redisKey(1));
      expect(await runAgain(second, 1)).toEqual([1]);
    });

    test('a run that was under way is answered but not kept', async () => {
      const replica = await connect();
      // GIVEN a run that began before the invalidation and ends after it
      const gate = new Gate();
      replica.gate = gate.opened;
      const answer = replica.ask([1]);
      await until(() => replica.ran.length === 1);
      await replica.cache.invalidate({ model: MODEL, scope: 'model' });
      gate.open();
      expect((await answer).outputs[0]?.data).toEqual(Float64Array.of(2));
      // THEN its row is neither in memory nor in Redis, where a later one has arrived
      await replica.ask([2]);
      await until(isShared(replica, 2));
      expect(await redis.call('EXISTS', replica.redisKey(1))).toBe(0);
      replica.ran.length = 1;
      await replica.ask([1]);
      expect(replica.ran).toEqual([1, 1]);
    });

    test.each(['model', 'rows'] as const)(
      'of %s: a request after it does not join a run from before',
      async (scope) => {
        const replica = await connect();
        const gate = new Gate();
        replica.gate = gate.opened;
        const before = replica.ask([1]);
        await until(() => replica.ran.length === 1);
        await replica.cache.invalidate(
          scope === 'model' ? { model: MODEL, scope } : { model: MODEL, scope, keys: [replica.redisKey(1)] },
        );
        const after = replica.ask([1]);
        await until(() => replica.ran.length === 2);
        gate.open();
        await Promise.all([before, after]);
        expect(replica.ran).toEqual([1, 1]);
      },
    );

    test('a message that is none is ignored', async () => {
      const [first] = await twoThatHold(1);
      await redis.call('PUBLISH', 'headroom:invalidate', '{"model": 7}');
      await first.caughtUp(redis);
      await first.ask([1]);
      expect(first.ran).toEqual([]);
    });
  });
});
