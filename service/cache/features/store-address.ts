import { ConfigError } from '../../errors';
import { parseRedisAddress, type RedisAddress } from '../redis-address';

/** Where features are, as `--feature-store` tells it. */
export type FeatureStoreAddress =
  | { readonly kind: 'redis'; readonly address: RedisAddress }
  | { readonly kind: 'http'; readonly url: string };

/**
 * @param source flag or variable that gave it, for the error
 * @throws ConfigError with the allowed forms; it never repeats the text, which may hold a password
 */
export function parseFeatureStoreAddress(text: string, source: string): FeatureStoreAddress {
  if (/^redis(s|\+|:)/.test(text)) return { kind: 'redis', address: parseRedisAddress(text, source) };
  const url = /^https?:\/\//.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.username !== '' || url.search !== '' || url.hash !== '') {
    throw new ConfigError(
      `${source} is not an address of a feature store, allowed: redis[s]://… and http[s]://host[:port]`,
    );
  }
  return { kind: 'http', url: url.href };
}
