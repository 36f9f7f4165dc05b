import { AwsV4Signer } from 'aws4fetch';
import type { AwsCredentials } from '../aws-credentials';
import type { CredentialsProvider } from './redis-credentials';

/** The longest life that ElastiCache grants a token; only signing in takes one. */
const TOKEN_LIFE_SECONDS = 900;

export interface ElastiCacheIdentity {
  /** Of ElastiCache, with authentication by IAM: its id, which must be its name, too. */
  readonly user: string;
  /** Id of the replication group, or name of the serverless cache; both are in lower case. */
  readonly cache: string;
  readonly isServerless: boolean;
  readonly region: string;
}

/**
 * Signs in to ElastiCache by IAM: the password is the address of a request to connect, signed as of Signature Version 4
 * in its query and without its scheme (ElastiCache user guide, "Authenticating with IAM"). Nothing is sent to AWS.
 *
 * @param now the time that the signature counts from
 */
export function elastiCacheCredentials(
  { user, cache, isServerless, region }: ElastiCacheIdentity,
  credentials: AwsCredentials,
  now: () => Date,
): CredentialsProvider {
  return async () => {
    const { accessKeyId, secretAccessKey, sessionToken } = await credentials();
    const query = new URLSearchParams({
      Action: 'connect',
      User: user,
      ...(isServerless ? { ResourceType: 'ServerlessCache' } : {}),
      'X-Amz-Expires': String(TOKEN_LIFE_SECONDS),
    });
    const signer = new AwsV4Signer({
      method: 'GET',
      url: `https://${cache}/?${query}`,
      accessKeyId,
      secretAccessKey,
      ...(sessionToken === undefined ? {} : { sessionToken }),
      service: 'elasticache',
      region,
      signQuery: true,
      datetime: now()
        .toISOString()
        .replaceAll(/[:-]|\.\d{3}/g, ''),
    });
    const { url } = await signer.sign();
    return { username: user, password: url.href.slice('https://'.length) };
  };
}
