import { expect, test } from '@jest/globals';
import { parseRedisAddress } from '../../../service/cache/redis-address';
import { iamCredentials } from '../../../service/cache/redis-iam';

const BOTH = { redisIamUser: 'headroom', redisIamCache: 'shop-cache' };
const KEYS = { AWS_REGION: 'eu-west-1' };
const address = (url: string) => parseRedisAddress(url, '--redis');

test.each([
  ['a cache without a user', { ...BOTH, redisIamUser: undefined }, 'rediss://cache', KEYS, '--redis-iam-user, who'],
  ['a user without a cache', { ...BOTH, redisIamCache: undefined }, 'rediss://cache', KEYS, '--redis-iam-cache, the'],
  [
    'a name in capitals',
    { ...BOTH, redisIamCache: 'Shop' },
    'rediss://cache',
    KEYS,
    "--redis-iam-cache is 'Shop', allowed",
  ],
  ['another kind', { ...BOTH, redisIamCache: 'user:shop' }, 'rediss://cache', KEYS, "is 'user:shop', allowed"],
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

test.each([
  ['shop-cache', 'shop-cache/?', null],
  ['serverlesscache:shop-cache', 'shop-cache/?', 'ServerlessCache'],
])('%s signs in to what it names', async (redisIamCache, start, resourceType) => {
  // GIVEN keys in the environment, where the standard chain looks first
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = process.env;
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'example' });
  try {
    // WHEN a token is made
    const provider = iamCredentials({ ...BOTH, redisIamCache }, address('rediss://cache'), KEYS);
    const token = (await provider?.())?.password ?? '';
    // THEN it is one for that name and kind
    expect(token.startsWith(start)).toBe(true);
    expect(new URLSearchParams(token.slice(start.length)).get('ResourceType')).toBe(resourceType);
  } finally {
    restore({ AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY });
  }
});

function restore(variables: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
}
