import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { parseRedisAddress } from '../../../service/cache/redis-address';
import { RetirementTurn } from '../../../service/cache/retirement-turn';
import { RedisServer } from '../../support/redis-server';

let server: RedisServer;
beforeAll(async () => {
  server = await RedisServer.start();
});
afterAll(() => server.stop());

const turnOf = (pool: string, credentials?: { username: string; password: string }, port = server.port) =>
  new RetirementTurn({
    address: parseRedisAddress(`redis://127.0.0.1:${port}`, '--redis'),
    credentials: credentials && (async () => credentials),
    pool,
    holdMs: 100_000,
  });

describe('replicas retire', () => {
  test('one at a time in a pool, whatever the other pools do', async () => {
    const turns = await Promise.all([turnOf('a').take(), turnOf('a').take(), turnOf('a').take()]);
    expect(turns.sort()).toEqual([false, false, true]);
    expect(await turnOf('b').take()).toBe(true);
  });

  test('each with the time it needs, and no longer', async () => {
    await turnOf('c').take();
    const client = new Redis(server.port);
    const leftMs = await client.pttl('headroom:retiring:c');
    client.disconnect();
    expect(leftMs).toBeGreaterThan(0);
    expect(leftMs).toBeLessThanOrEqual(100_000);
  });

  test('signed in, where Redis asks for it', async () => {
    expect(await turnOf('d', { username: 'default', password: 'any' }).take()).toBe(true);
  });

  test('all of them where Redis is away: memory does not wait for a cache', async () => {
    expect(await turnOf('a', undefined, 1).take()).toBe(true);
  });
});
