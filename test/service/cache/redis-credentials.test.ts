import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { elastiCacheCredentials } from '../../../service/cache/elasticache-token';
import { parseRedisAddress } from '../../../service/cache/redis-address';
import { connectForData } from '../../../service/cache/redis-connection';
import { type CredentialsProvider, renewCredentials } from '../../../service/cache/redis-credentials';
import { RedisServer } from '../../support/redis-server';
import { Replica, until } from './running-cache';

const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };

describe('tokens instead of a password', () => {
  const cleanups: (() => unknown)[] = [];
  let redis: RedisServer;
  /** What the tokens count from. */
  let now: Date;
  const sign = elastiCacheCredentials(
    { user: 'headroom', cache: 'shop-cache', isServerless: false, region: 'eu-west-1' },
    async () => KEYS,
    () => now,
  );

  beforeEach(async () => {
    now = new Date('2026-01-02T03:04:05Z');
    redis = await RedisServer.start();
    await grantCurrentToken();
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0)) await cleanup();
    await redis.stop();
  });

  /** The server takes the token of now and no other. */
  async function grantCurrentToken(): Promise<void> {
    const { username, password } = await sign();
    await redis.call('ACL', 'SETUSER', username, 'on', 'resetpass', `>${password}`, '~*', '&*', '+@all');
  }

  function client({ provider, renewMs }: { provider: CredentialsProvider; renewMs: number }) {
    const connection = connectForData(parseRedisAddress(redis.url, '--redis'), true);
    const errors: unknown[] = [];
    const onError = (error: unknown) => errors.push(error);
    const stop = renewCredentials(connection, {
      provider,
      onError,
      signsInAgain: true,
      times: { renewMs, retryMs: 5 },
    });
    cleanups.push(stop, () => connection.disconnect());
    return { connection, errors };
  }

  const usersOf = async () => String(await redis.call('CLIENT', 'LIST')).match(/user=headroom/g)?.length ?? 0;

  test('sign in the connections for data and for messages, and new tokens those that take their place', async () => {
    // GIVEN a replica whose token was granted
    const replica = new Replica(redis.url, { credentials: sign });
    cleanups.push(() => replica.close());
    await replica.connected();
    await until(async () => (await usersOf()) === 2);
    // WHEN time goes by, the token is no longer taken, and all connections are lost
    now = new Date('2026-01-02T15:00:00Z');
    await grantCurrentToken();
    await redis.call('CLIENT', 'KILL', 'USER', 'headroom');
    // THEN others take their place with the token of then
    await until(async () => (await usersOf()) === 2);
    await replica.usesRedis();
  });

  test('are signed anew for what is connected, which signs in again', async () => {
    const { errors } = client({ provider: sign, renewMs: 20 });
    await until(async () => /cmdstat_auth:calls=[3-9]/.test(String(await redis.call('INFO', 'commandstats'))));
    expect(errors).toEqual([]);
  });

  test('that cannot be had are told of once, asked for again, and then sign in', async () => {
    let attempts = 0;
    const provider = async () => {
      attempts++;
      if (attempts < 3) throw new Error('no keys');
      return sign();
    };
    const { connection, errors } = client({ provider, renewMs: 60_000 });
    await until(() => connection.status === 'ready');
    expect([attempts, errors.map(String)]).toEqual([3, ['Error: no keys']]);
  });

  test('are not missing where it is the server that is', async () => {
    await redis.kill();
    const replica = new Replica(redis.url, { credentials: sign });
    cleanups.push(() => replica.close());
    await until(() => replica.log.length > 0);
    let value = 0;
    await until(async () => {
      await replica.ask([value++]);
      return (await replica.metric('cache_available{cache="prediction",layer="redis"}')) === 0;
    });
    const told = replica.log.map((line) => JSON.parse(line).msg);
    expect(told).toEqual(['the shared cache cannot be reached', 'the shared cache fails and is left alone']);
  });

  test('that are refused cost hits and no requests', async () => {
    const replica = new Replica(redis.url, { credentials: async () => ({ username: 'headroom', password: 'other' }) });
    cleanups.push(() => replica.close());
    for (let i = 0; i < 20; i++) await replica.ask([i]);
    expect(replica.ran.length).toBe(20);
  });
});
