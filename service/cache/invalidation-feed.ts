import { Cluster, type Redis } from 'ioredis';
import type { Logger } from 'pino';
import { PREDICTION_PREFIX } from './cached-model';
import { decodeInvalidation, INVALIDATION_CHANNEL, type Invalidation } from './invalidation';
import type { RedisAddress } from './redis-address';
import { connectForMessages, type RedisClient } from './redis-connection';
import { type CredentialsProvider, renewCredentials } from './redis-credentials';

/** On which Redis tells clients of RESP2 which keys have changed. */
const TRACKING_CHANNEL = '__redis__:invalidate';
/** A silent connection is asked whether it is alive, since silence is also how a dead one sounds. */
const HEARTBEAT_MS = 5000;

export interface FeedListener {
  /** Keys that were written, removed, evicted or have expired, by whomever. */
  readonly onKeys: (keys: readonly string[]) => void;
  /** What another replica, or this one, was told to forget. */
  readonly onInvalidation: (invalidation: Invalidation) => void;
  /** Anything may have happened: the connection was away, or everything was flushed. */
  readonly onGap: () => void;
}

export interface FeedOptions {
  readonly address: RedisAddress;
  /** Knows the nodes of a cluster. */
  readonly client: RedisClient;
  readonly listener: FeedListener;
  readonly credentials: CredentialsProvider | undefined;
  readonly logger: Logger;
}

/**
 * Tells of changes in Redis: client-side caching in broadcast mode on connections of their own, one to each node of a
 * cluster, because each node only tells of its own keys. Explicit invalidations come over a channel beside it, since
 * Redis does not tell of keys that it does not have, and replicas may hold rows that Redis has evicted or never took.
 */
export class InvalidationFeed {
  readonly #connections = new Map<string, { connection: Redis; stop: () => void }>();

  constructor(private readonly options: FeedOptions) {
    const { client } = options;
    if (!(client instanceof Cluster)) {
      this.#connect('', undefined);
      return;
    }
    client.on('+node', (node: Redis) => this.#connect(nodeName(node), nodeAddress(node)));
    client.on('-node', (node: Redis) => this.#disconnect(nodeName(node)));
    for (const node of client.nodes('all')) this.#connect(nodeName(node), nodeAddress(node));
  }

  close(): void {
    for (const name of [...this.#connections.keys()]) this.#disconnect(name);
  }

  #connect(name: string, node: { host: string; port: number } | undefined): void {
    if (this.#connections.has(name)) return;
    const { address, credentials, logger, listener } = this.options;
    const connection = connectForMessages(address, node, credentials !== undefined);
    const onError = (error: unknown) => logger.debug({ err: error }, 'connection for invalidations');
    connection.on('error', onError);
    connection.on('ready', () => {
      this.#subscribe(connection).then(listener.onGap, onError);
    });
    connection.on('messageBuffer', (channel: Buffer, message: unknown) => this.#receive(channel.toString(), message));
    const heartbeat = setInterval(() => connection.ping().catch(onError), HEARTBEAT_MS).unref();
    const stopRenewal =
      credentials && renewCredentials(connection, { provider: credentials, onError, signsInAgain: false });
    const stop = () => {
      clearInterval(heartbeat);
      stopRenewal?.();
      connection.disconnect();
    };
    this.#connections.set(name, { connection, stop });
  }

  #disconnect(name: string): void {
    this.#connections.get(name)?.stop();
    this.#connections.delete(name);
  }

  async #subscribe(connection: Redis): Promise<void> {
    const id = await connection.client('ID');
    try {
      await connection.client('TRACKING', 'ON', 'REDIRECT', id, 'BCAST', 'PREFIX', PREDICTION_PREFIX);
    } catch (error) {
      // Then only explicit invalidations arrive; the rest ends with its time to live.
      this.options.logger.warn({ err: error }, 'the shared cache does not tell which keys change');
    }
    await connection.subscribe(TRACKING_CHANNEL, INVALIDATION_CHANNEL);
  }

  #receive(channel: string, message: unknown): void {
    const { listener, logger } = this.options;
    if (channel === TRACKING_CHANNEL) {
      // The whole database was flushed where there is no list of keys.
      if (Array.isArray(message)) listener.onKeys(message.map(String));
      else listener.onGap();
      return;
    }
    const invalidation = decodeInvalidation(String(message));
    if (invalidation === undefined) logger.warn({ channel }, 'a message that is no invalidation');
    else listener.onInvalidation(invalidation);
  }
}

function nodeAddress({ options: { host, port } }: Redis): { host: string; port: number } {
  return { host: host ?? '', port: port ?? 0 };
}

function nodeName(node: Redis): string {
  const { host, port } = nodeAddress(node);
  return `${host}:${port}`;
}
