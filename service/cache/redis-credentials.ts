import { Cluster, type Redis, type RedisOptions } from 'ioredis';
import type { RedisClient } from './redis-connection';

/** User and password as of now, for servers that take tokens of a short life, such as those of AWS IAM. */
export type CredentialsProvider = () => Promise<{ readonly username: string; readonly password: string }>;

export interface RenewalTimes {
  /** From one renewal to the next. */
  readonly renewMs: number;
  /** After one that failed. */
  readonly retryMs: number;
}

/** A token of IAM lives for 15 minutes, and ElastiCache ends what signed in 12 hours ago and has not done so again. */
const TIMES: RenewalTimes = { renewMs: 10 * 60_000, retryMs: 5000 };

export interface RenewalOptions {
  readonly provider: CredentialsProvider;
  /** Told once of credentials that cannot be had, until they can, and of each sign-in that is refused. */
  readonly onError: (error: unknown) => void;
  /** Whether live connections sign in again; those that only listen cannot, and come back with a new token. */
  readonly signsInAgain: boolean;
  readonly times?: RenewalTimes;
}

/**
 * Keeps the credentials of a client current, for what is connected and for every later connection: renewed in time, and
 * whenever a connection is lost, since the next one may be refused what the last one was granted. Connects a client
 * that waits for its first credentials.
 *
 * @returns a function that ends it
 */
export function renewCredentials(
  client: RedisClient,
  { provider, onError, signsInAgain, times = TIMES }: RenewalOptions,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  let isRenewing = false;
  let hasFailed = false;
  let isStopped = false;
  const renew = async (): Promise<void> => {
    if (isRenewing || isStopped) return;
    isRenewing = true;
    clearTimeout(timer);
    const succeeded = await attempt();
    isRenewing = false;
    if (!isStopped) timer = setTimeout(() => void renew(), succeeded ? times.renewMs : times.retryMs).unref();
  };
  const attempt = async (): Promise<boolean> => {
    try {
      const { username, password } = await provider();
      for (const options of optionsOf(client)) Object.assign(options, { username, password });
      hasFailed = false;
      // What fails to connect tries again by itself, and has its own words for it.
      if (client.status === 'wait') client.connect().catch(() => {});
      else if (signsInAgain) for (const each of connectedOf(client)) each.auth(username, password).catch(onError);
      return true;
    } catch (error) {
      if (!hasFailed) onError(error);
      hasFailed = true;
      return false;
    }
  };
  const onLoss = () => void renew();
  client.on('close', onLoss);
  client.on('-node', onLoss);
  void renew();
  return () => {
    isStopped = true;
    clearTimeout(timer);
    client.off('close', onLoss);
    client.off('-node', onLoss);
  };
}

/** The options that connections to come are made with. */
function optionsOf(client: RedisClient): RedisOptions[] {
  if (!(client instanceof Cluster)) return [client.options];
  return [client.options.redisOptions ?? {}, ...client.nodes('all').map((node) => node.options)];
}

function connectedOf(client: RedisClient): Redis[] {
  const all = client instanceof Cluster ? client.nodes('all') : [client];
  return all.filter(({ status }) => status === 'ready');
}
