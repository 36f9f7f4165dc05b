import { type Environment, lazyCredentials, regionOf } from '../aws-credentials';
import { ConfigError } from '../errors';
import type { ServiceConfig } from '../settings';
import { elastiCacheCredentials } from './elasticache-token';
import type { RedisAddress } from './redis-address';
import type { CredentialsProvider } from './redis-credentials';

/** A serverless cache is told apart as the end of its ARN does. */
const CACHE = /^(?<serverless>serverlesscache:)?(?<name>[a-z][a-z0-9-]*)$/;

/**
 * What signs in to the shared cache by IAM, where the configuration says so.
 *
 * @param environment AWS_REGION or AWS_DEFAULT_REGION; the keys are found by the standard chain of AWS
 * @throws ConfigError for half of the two settings, or an address that cannot be signed in to by IAM
 */
export function iamCredentials(
  { redisIamUser: user, redisIamCache: cache }: Pick<ServiceConfig, 'redisIamUser' | 'redisIamCache'>,
  address: RedisAddress | undefined,
  environment: Environment,
): CredentialsProvider | undefined {
  if (user === undefined && cache === undefined) return undefined;
  if (user === undefined) throw new ConfigError('--redis-iam-cache is set, but --redis-iam-user, who signs in, is not');
  if (cache === undefined) {
    throw new ConfigError('--redis-iam-user is set, but --redis-iam-cache, the cache to sign in to, is not');
  }
  if (address === undefined) throw new ConfigError('--redis-iam-user is set, but --redis, where to sign in, is not');
  if (!address.tls) throw new ConfigError('--redis has no TLS, which signing in by IAM needs, expected rediss://…');
  if (address.password !== undefined) {
    throw new ConfigError('--redis holds a password and --redis-iam-user is set, but only one of them can sign in');
  }
  const region = regionOf(environment);
  if (region === undefined) throw new ConfigError('--redis-iam-user is set, but the variable AWS_REGION is not');
  return elastiCacheCredentials({ user, ...parseCache(cache), region }, lazyCredentials(), () => new Date());
}

function parseCache(text: string): { cache: string; isServerless: boolean } {
  const { serverless, name } = CACHE.exec(text)?.groups ?? {};
  if (name === undefined) {
    throw new ConfigError(
      `--redis-iam-cache is '${text}', allowed: the id of a replication group or serverlesscache: and the name of a ` +
        'serverless cache, of lower-case letters, digits and hyphens',
    );
  }
  return { cache: name, isServerless: serverless !== undefined };
}
