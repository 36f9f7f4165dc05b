import { once } from 'node:events';
import type { RedisAddress } from './redis-address';
import { connectForData } from './redis-connection';
import { type CredentialsProvider, renewCredentials } from './redis-credentials';

const PREFIX = 'headroom:retiring:';

/** A server that is not connected by then is away. */
const CONNECT_WITHIN_MS = 3000;

export interface RetirementTurnOptions {
  readonly address: RedisAddress;
  readonly credentials: CredentialsProvider | undefined;
  /** Replicas of one pool take turns; those of others are none of their business. */
  readonly pool: string;
  /** How long a replica is away: until it has drained, ended, and is ready again. */
  readonly holdMs: number;
}

/**
 * Lets the replicas of a pool retire one after the other, by a key in the Redis that they share. Nobody gives a turn
 * back: who has taken it ends, and the turn with its time.
 */
export class RetirementTurn {
  constructor(private readonly options: RetirementTurnOptions) {}

  /**
   * @returns false while another replica is away; true also where Redis is, because memory does not wait for a cache
   */
  async take(): Promise<boolean> {
    const { address, credentials, pool, holdMs } = this.options;
    // A connection for this one question: it is asked a few times in the life of a process.
    const client = connectForData(address, true);
    const ignore = () => {};
    client.on('error', ignore);
    const isReady = once(client, 'ready', { signal: AbortSignal.timeout(CONNECT_WITHIN_MS) });
    const end =
      credentials && renewCredentials(client, { provider: credentials, onError: ignore, signsInAgain: false });
    if (credentials === undefined) client.connect().catch(ignore);
    try {
      await isReady;
      return (await client.set(PREFIX + pool, '1', 'PX', holdMs, 'NX')) === 'OK';
    } catch {
      return true;
    } finally {
      end?.();
      client.disconnect();
    }
  }
}
