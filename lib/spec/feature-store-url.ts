/** The address of a store of features, as far as its form tells. */
export type FeatureStoreUrl =
  /** Whoever connects reads the rest: several servers, a user, a database. */
  | { readonly kind: 'redis' }
  | { readonly kind: 'http' }
  | { readonly kind: 'dynamodb'; readonly table: string; readonly region: string | undefined };

const REDIS = /^redis(?:s|\+|:)/;
const HTTP = /^https?:\/\//;
/** Names as DynamoDB allows them. */
const DYNAMODB = /^dynamodb:\/\/(?<table>[A-Za-z0-9_.-]{3,255})(?:\?region=(?<region>[a-z0-9-]+))?$/;

/** Undefined for text that is no address of any store. */
export function parseFeatureStoreUrl(text: string): FeatureStoreUrl | undefined {
  if (REDIS.test(text)) return { kind: 'redis' };
  if (HTTP.test(text)) return { kind: 'http' };
  const { table, region } = DYNAMODB.exec(text)?.groups ?? {};
  return table === undefined ? undefined : { kind: 'dynamodb', table, region };
}

/** A single server or a cluster; sentinels answer at other ports than the server they name. */
const ONE_PORT = /^(?:rediss?(?:\+cluster)?|https?):\/\/[^@/?#\s]+(?:\/[^@?#\s]*)?$/;

/**
 * What keeps an address out of a spec and of manifests, which everybody reads, and whose network policies let one port
 * through; undefined where nothing does.
 */
export function findStoreProblem(text: string): string | undefined {
  if (text.includes('@')) return 'holds credentials, which a manifest must not';
  if (ONE_PORT.test(text) || parseFeatureStoreUrl(text)?.kind === 'dynamodb') return undefined;
  const expected = 'redis[s]://host[:port], http[s]://host[:port] or dynamodb://table[?region=eu-west-1]';
  return `is '${text}', expected ${expected}`;
}

/** Where it answers, given or usual; 443 for services of AWS. */
export function storePort(url: string): number {
  return portOf(url) ?? (REDIS.test(url) ? 6379 : url.startsWith('http:') ? 80 : 443);
}

/** Undefined where the URL names none. */
export function portOf(url: string): number | undefined {
  const port = /^[^/]+:\/\/[^/]+:(\d{1,5})(?:\/|$)/.exec(url)?.[1];
  return port === undefined ? undefined : Number(port);
}
