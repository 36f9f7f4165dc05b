import { expect, test } from '@jest/globals';
import { parseRedisAddress } from '../../../service/cache/redis-address';
import { iamCredentials } from '../../../service/cache/redis-iam';

const BOTH = { redisIamUser: 'headroom', redisIamCache: 'shop-cache' };
const KEYS = { AWS_REGION: 'eu-west-1' };
const address = (url: string) => parseRedisAddress(url, '--redis');

test.each([
  ['a cache without a user', { ...BOTH, redisIamUser: undefined }, 'rediss://cache', KEYS, '--redis-iam-user, who'],
  ['a user without a cache', { ...BOTH, redisIamCache: undefined }, 'rediss://cache', KEYS, '--redis-iam-cache, the'],
  ['no Redis', BOTH, undefined, KEYS, '--redis, where to sign in, is not'],
  ['no TLS', BOTH, 'redis://cache', KEYS, '--redis has no TLS'],
  ['a password, too', BOTH, 'rediss://a:b@cache', KEYS, 'only one of them can sign in'],
  ['no region', BOTH, 'rediss://cache', {}, 'AWS_REGION is not'],
])('%s is refused in one sentence', (_, config, url, environment, sentence) => {
  expect(() => iamCredentials(config, url === undefined ? undefined : address(url), environment)).toThrow(sentence);
});

test('without either setting nothing signs in by IAM', () => {
  expect(iamCredentials({ redisIamUser: undefined, redisIamCache: undefined }, address('redis://cache'), {})).toBe(
    undefined,
  );
});
