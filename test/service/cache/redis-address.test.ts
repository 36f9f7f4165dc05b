import { describe, expect, test } from '@jest/globals';
import { parseRedisAddress, type RedisAddress } from '../../../service/cache/redis-address';

const DEFAULTS = {
  tls: false,
  username: undefined,
  password: undefined,
  database: 0,
  primary: undefined,
  sentinelUsername: undefined,
  sentinelPassword: undefined,
};

describe('the address of Redis', () => {
  test.each<[string, Partial<RedisAddress>]>([
    ['redis://cache', { kind: 'single', nodes: [{ host: 'cache', port: 6379 }] }],
    ['redis://10.0.0.1:6380/3', { kind: 'single', nodes: [{ host: '10.0.0.1', port: 6380 }], database: 3 }],
    ['redis://[::1]:7000', { kind: 'single', nodes: [{ host: '::1', port: 7000 }] }],
    [
      'rediss://app:p%40ss%2Fw%3Ard@cache',
      { kind: 'single', tls: true, nodes: [{ host: 'cache', port: 6379 }], username: 'app', password: 'p@ss/w:rd' },
    ],
    ['redis://:secret@cache', { kind: 'single', nodes: [{ host: 'cache', port: 6379 }], password: 'secret' }],
    [
      'rediss+cluster://a:1,b:2,c',
      {
        kind: 'cluster',
        tls: true,
        nodes: [
          { host: 'a', port: 1 },
          { host: 'b', port: 2 },
          { host: 'c', port: 6379 },
        ],
      },
    ],
    [
      'redis+sentinel://a,b:5/shop/2',
      {
        kind: 'sentinel',
        nodes: [
          { host: 'a', port: 26_379 },
          { host: 'b', port: 5 },
        ],
        primary: 'shop',
        database: 2,
      },
    ],
    [
      'redis+sentinel://:secret@a/shop?sentinelPassword=p%40ss&sentinelUsername=watcher',
      {
        kind: 'sentinel',
        nodes: [{ host: 'a', port: 26_379 }],
        primary: 'shop',
        password: 'secret',
        sentinelUsername: 'watcher',
        sentinelPassword: 'p@ss',
      },
    ],
  ])('%s', (text, expected) => {
    expect(parseRedisAddress(text, '--redis')).toEqual({ ...DEFAULTS, ...expected });
  });

  test.each([
    ['http://cache', 'is not an address of Redis'],
    ['redis://', 'is not an address of Redis'],
    ['redis://cache:0', 'is not an address of Redis'],
    ['redis://cache:65536', 'is not an address of Redis'],
    ['redis://a,b', 'names several servers'],
    ['redis+sentinel://a', 'names no primary'],
    ['redis://cache/first', 'no number of a database'],
    ['redis+cluster://a/1', 'no number of a database'],
    ['redis://cache?sentinelPassword=a', 'a setting that is none'],
    ['redis+sentinel://a/shop?password=a', 'a setting that is none'],
    ['redis://user@cache', 'a user without a password'],
    ['redis://user:%zz@cache', 'not percent-encoded'],
  ])('%s is refused with the allowed forms', (text, problem) => {
    expect(() => parseRedisAddress(text, 'HEADROOM_REDIS')).toThrow(
      new RegExp(`^HEADROOM_REDIS .*${problem}.*allowed: redis\\[s\\]://`),
    );
  });

  test('a refusal does not repeat the password', () => {
    expect(() => parseRedisAddress('redis://app:secret@cache/x', '--redis')).not.toThrow('secret');
  });
});
