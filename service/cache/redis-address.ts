import { ConfigError } from '../errors';

/** Where Redis is, as `--redis` tells it. */
export interface RedisAddress {
  readonly kind: 'single' | 'cluster' | 'sentinel';
  readonly tls: boolean;
  /** The server, the seeds of the cluster, or the sentinels. */
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Number of the database; always 0 in a cluster. */
  readonly database: number;
  /** Name of the primary that sentinels watch; undefined elsewhere. */
  readonly primary: string | undefined;
  /** Who asks the sentinels, which know other users than the server does; undefined: they ask for nobody. */
  readonly sentinelUsername: string | undefined;
  readonly sentinelPassword: string | undefined;
}

const ALLOWED =
  'allowed: redis[s]://[user:password@]host[:port][/database], redis[s]+cluster://host:port,host:port and ' +
  'redis[s]+sentinel://host:port,host:port/primary[/database]' +
  '[?sentinelPassword=…[&sentinelUsername=…]]';

const ADDRESS =
  /^redis(?<tls>s?)(?:\+(?<kind>cluster|sentinel))?:\/\/(?:(?<credentials>[^@/]*)@)?(?<nodes>[^@/?#]+)(?<path>\/[^?#]*)?(?:\?(?<query>[^#]*))?$/;
const NODE = /^(?<host>\[[0-9A-Fa-f:.]+\]|[^:[\]]+)(?::(?<port>\d{1,5}))?$/;

const DEFAULT_PORT = { single: 6379, cluster: 6379, sentinel: 26_379 } as const;

/**
 * Reads the address of a single server, a cluster or sentinels. Not `URL`, which knows no lists of hosts.
 *
 * @param source flag or variable that gave it, for the error
 * @throws ConfigError with the allowed forms; it never repeats the text, which may hold a password
 */
export function parseRedisAddress(text: string, source: string): RedisAddress {
  const parts = ADDRESS.exec(text)?.groups;
  const kind = parts?.kind === 'cluster' || parts?.kind === 'sentinel' ? parts.kind : 'single';
  const nodes = parts?.nodes?.split(',').map((node) => parseNode(node, DEFAULT_PORT[kind]));
  if (parts === undefined || nodes === undefined || !nodes.every((node) => node !== undefined)) {
    throw new ConfigError(`${source} is not an address of Redis, ${ALLOWED}`);
  }
  if (kind === 'single' && nodes.length > 1) throw new ConfigError(`${source} names several servers, ${ALLOWED}`);
  const path =
    parts.path
      ?.split('/')
      .slice(1)
      .filter((part) => part !== '') ?? [];
  const primary = kind === 'sentinel' ? path.shift() : undefined;
  if (kind === 'sentinel' && primary === undefined) throw new ConfigError(`${source} names no primary, ${ALLOWED}`);
  const database = kind === 'cluster' ? '0' : (path.shift() ?? '0');
  if (path.length > 0 || !/^\d{1,4}$/.test(database)) {
    throw new ConfigError(`${source} has a path that is no number of a database, ${ALLOWED}`);
  }
  const query = new URLSearchParams(parts.query);
  const isKnown = (name: string) => kind === 'sentinel' && (name === 'sentinelUsername' || name === 'sentinelPassword');
  if (![...query.keys()].every(isKnown)) throw new ConfigError(`${source} has a setting that is none, ${ALLOWED}`);
  return {
    kind,
    tls: parts.tls === 's',
    nodes,
    ...credentialsOf(parts.credentials, source),
    database: Number(database),
    primary,
    sentinelUsername: query.get('sentinelUsername') ?? undefined,
    sentinelPassword: query.get('sentinelPassword') ?? undefined,
  };
}

function parseNode(text: string, defaultPort: number): { host: string; port: number } | undefined {
  const { host, port } = NODE.exec(text)?.groups ?? {};
  const number = port === undefined ? defaultPort : Number(port);
  if (host === undefined || number < 1 || number > 65_535) return undefined;
  return { host: host.replace(/^\[|\]$/g, ''), port: number };
}

/** `user:password`, or `:password` for the default user; percent-encoded where they hold `@`, `/` or `:`. */
function credentialsOf(text: string | undefined, source: string): Pick<RedisAddress, 'username' | 'password'> {
  if (text === undefined) return { username: undefined, password: undefined };
  const colon = text.indexOf(':');
  if (colon === -1) throw new ConfigError(`${source} has a user without a password, ${ALLOWED}`);
  try {
    const username = decodeURIComponent(text.slice(0, colon));
    return { username: username === '' ? undefined : username, password: decodeURIComponent(text.slice(colon + 1)) };
  } catch {
    throw new ConfigError(`${source} has a user or password that is not percent-encoded, ${ALLOWED}`);
  }
}
