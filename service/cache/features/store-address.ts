import { parseFeatureStoreUrl } from '../../../lib/spec/feature-store-url';
import { type Environment, regionOf } from '../../aws-credentials';
import { ConfigError } from '../../errors';
import type { ServiceConfig } from '../../settings';
import { parseRedisAddress, type RedisAddress } from '../redis-address';
import type { DynamoTable } from './dynamo-store';

/** Where features are, as `--feature-store` tells it. */
export type FeatureStoreAddress =
  | { readonly kind: 'redis'; readonly address: RedisAddress }
  | { readonly kind: 'http'; readonly url: string; readonly token: string | undefined }
  | ({ readonly kind: 'dynamodb' } & DynamoTable);

const ALLOWED =
  'allowed: redis[s]://…, http[s]://host[:port] and dynamodb://table[?region=eu-west-1], the region else from AWS_REGION';

export interface StoreAddressSource {
  /** Flag or variable that gave the address, for the error. */
  readonly source: string;
  /** That the server asks for; only of use with one that speaks HTTP. */
  readonly token: string | undefined;
  /** AWS_REGION, AWS_DEFAULT_REGION; AWS_ENDPOINT_URL_DYNAMODB or AWS_ENDPOINT_URL for other servers of DynamoDB. */
  readonly environment: Environment;
}

/**
 * @throws ConfigError with the allowed forms; it never repeats the text or the token, which may be secret
 */
export function parseFeatureStoreAddress(
  text: string,
  { source, token, environment }: StoreAddressSource,
): FeatureStoreAddress {
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) {
    throw new ConfigError('the token of the feature store has characters that no header may have');
  }
  const store = parseFeatureStoreUrl(text);
  if (store?.kind === 'http') return { kind: 'http', url: parseUrl(text, source), token };
  if (token !== undefined) {
    throw new ConfigError(`${source} is no http[s]://…, but there is a token, which only a server of that kind takes`);
  }
  if (store?.kind === 'redis') return { kind: 'redis', address: parseRedisAddress(text, source) };
  const region = store?.region ?? regionOf(environment);
  if (store === undefined || region === undefined) throw notAnAddress(source);
  const endpoint = environment.AWS_ENDPOINT_URL_DYNAMODB ?? environment.AWS_ENDPOINT_URL;
  return { kind: 'dynamodb', table: store.table, region, endpoint };
}

function parseUrl(text: string, source: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.username !== '' || url.search !== '' || url.hash !== '') throw notAnAddress(source);
  return url.href;
}

function notAnAddress(source: string): ConfigError {
  return new ConfigError(`${source} is not an address of a feature store, ${ALLOWED}`);
}

/** The store that the configuration names. @throws as {@link parseFeatureStoreAddress} */
export function configuredFeatureStore(
  { featureStore, featureStoreToken: token }: Pick<ServiceConfig, 'featureStore' | 'featureStoreToken'>,
  environment: Environment,
): FeatureStoreAddress | undefined {
  if (featureStore === undefined) return undefined;
  return parseFeatureStoreAddress(featureStore, { source: '--feature-store', token, environment });
}
