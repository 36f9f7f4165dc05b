import { Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis';
import type { DNSLookupFunction } from 'ioredis/built/cluster/ClusterOptions';
import type { RedisAddress } from './redis-address';

export type RedisClient = Redis | Cluster;

/** A socket that owes an answer for this long is dead, as after a failover that leaves no one to say so. */
const SOCKET_TIMEOUT_MS = 2000;
const CONNECT_TIMEOUT_MS = 1000;
const MAX_RECONNECT_DELAY_MS = 2000;

/** Commands fail at once while there is no connection, and are never sent twice: a late answer is worth nothing here. */
const FAIL_FAST = {
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  connectTimeout: CONNECT_TIMEOUT_MS,
  socketTimeout: SOCKET_TIMEOUT_MS,
  retryStrategy: reconnectDelayMs,
  // A primary that became a replica: another connection finds the new primary.
  reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
} as const satisfies RedisOptions;

/**
 * A client that connects by itself, now and after each loss, and sends the commands of one turn of the event loop
 * together.
 *
 * @param lazyConnect true: connects when told to, see renewCredentials
 */
export function connectForData(address: RedisAddress, lazyConnect: boolean): RedisClient {
  if (address.kind === 'cluster') return connectCluster(address, lazyConnect);
  return new Redis({
    ...singleOptions(address),
    ...FAIL_FAST,
    enableAutoPipelining: true,
    // Reads are gathered before they come here, and need not wait for the writes of the turn before.
    autoPipeliningIgnoredCommands: ['mget'],
    lazyConnect,
  });
}

/**
 * A connection for messages. RESP2, because in RESP3 the client drops the server's invalidations.
 *
 * @param node of a cluster; undefined: wherever the address leads
 */
export function connectForMessages(
  address: RedisAddress,
  node: { host: string; port: number } | undefined,
  lazyConnect: boolean,
): Redis {
  const options = node === undefined ? singleOptions(address) : { ...commonOptions(address), ...node };
  // Commands wait for the connection here: they are what its owner sends at its begin.
  const { enableOfflineQueue: _, ...failFast } = FAIL_FAST;
  return new Redis({ ...options, ...failFast, protocol: 2, autoResubscribe: false, lazyConnect });
}

function connectCluster(address: RedisAddress, lazyConnect: boolean): Cluster {
  const { enableOfflineQueue, retryStrategy, ...nodeOptions } = FAIL_FAST;
  const options = {
    lazyConnect,
    enableOfflineQueue,
    enableAutoPipelining: true,
    clusterRetryStrategy: retryStrategy,
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    maxRedirections: 2,
    slotsRefreshTimeout: CONNECT_TIMEOUT_MS,
    slotsRefreshInterval: 5000,
    redisOptions: { ...commonOptions(address), ...nodeOptions },
    // Certificates name the hosts, so they must reach TLS as they are; ElastiCache needs this.
    ...(address.tls ? { dnsLookup: asItIs } : {}),
  } satisfies ClusterOptions;
  return new Cluster([...address.nodes], options);
}

const asItIs: DNSLookupFunction = (host, callback) => callback(null, host);

function singleOptions(address: RedisAddress) {
  const common = { ...commonOptions(address), db: address.database };
  if (address.primary !== undefined) {
    const sentinels = [...address.nodes];
    return {
      ...common,
      sentinels,
      name: address.primary,
      ...sentinelOptions(address),
      sentinelRetryStrategy: reconnectDelayMs,
    };
  }
  const [node] = address.nodes;
  return { ...common, ...node };
}

/** TLS holds for the sentinels, too, as for the server. */
function sentinelOptions({ sentinelUsername, sentinelPassword, tls }: RedisAddress) {
  return {
    ...(sentinelUsername === undefined ? {} : { sentinelUsername }),
    ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
    ...(tls ? { enableTLSForSentinelMode: true, sentinelTLS: {} } : {}),
  };
}

function commonOptions({ username, password, tls }: RedisAddress) {
  return {
    connectionName: 'headroom',
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls ? { tls: {} } : {}),
  };
}

/** Doubling from 50 ms; the random part keeps replicas from coming back together. */
function reconnectDelayMs(attempt: number): number {
  const delayMs = Math.min(MAX_RECONNECT_DELAY_MS, 50 * 2 ** Math.min(attempt, 10));
  return delayMs * (0.5 + Math.random() / 2);
}
