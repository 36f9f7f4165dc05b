import type { Logger } from 'pino';
import { codeOf } from '../../lib/spec/code-of';
import { messageOf } from '../../lib/spec/message-of';
import type { RedisAddress } from './redis-address';
import type { RedisClient } from './redis-connection';
import { findTlsProblem } from './tls-problem';

/** By code, and by words where another error only quotes it. */
const CERTIFICATE_PROBLEM =
  /\b(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT_)|self[- ]signed certificate|certificate has expired|(?:local issuer|first) certificate|certificate's altnames/i;

/** In the words of the client; what it lacks is a connection. */
const UNCONNECTED = /^(?:Stream isn't writeable|Cluster isn't ready) and enableOfflineQueue options is false/;

const HANDSHAKE_WITHIN_MS = 2000;

export interface ReportOptions {
  readonly address: RedisAddress;
  /** What the client connects to, as a sentence begins with it. */
  readonly server: string;
  readonly logger: Logger;
}

/**
 * Says in the log why a server cannot be reached, once for each time that it is lost: the client tries again and again,
 * and each try would be a line.
 */
export function reportConnection(client: RedisClient, { address, server, logger }: ReportOptions): void {
  let isTold = false;
  const tell = async (error: unknown): Promise<void> => {
    const cause = await explain(error, address);
    logger.warn({ reason: connectionProblem(cause) }, `${server} cannot be reached`);
  };
  const report = (error: unknown) => {
    if (isTold) logger.debug({ err: error }, `${server} cannot be reached`);
    else void tell(error);
    isTold = true;
  };
  client.on('error', report);
  // Of a cluster; of its own accord it only says that all nodes failed, after the first of them did.
  client.on('node error', report);
  client.on('ready', () => {
    isTold = false;
  });
}

/** Of sentinels the client only tells that the connection was closed, whatever closed it. */
async function explain(error: unknown, { kind, tls, nodes }: RedisAddress): Promise<unknown> {
  const [sentinel] = nodes;
  if (kind !== 'sentinel' || !tls || sentinel === undefined) return error;
  return (await findTlsProblem(sentinel, HANDSHAKE_WITHIN_MS)) ?? error;
}

/** Why a connection failed, in a few words; for certificates that are not trusted also what can be done. */
export function connectionProblem(error: unknown): string {
  // An address that leads to several fails with an error for each, and no words of its own.
  const text = messageOf(error) || codeOf(error);
  if (UNCONNECTED.test(text)) return 'there is no connection to it';
  // Of sentinels, which also tell when they are asked again.
  const reason = /Last error: (?<last>.+)$/.exec(text)?.groups?.last ?? text;
  if (!CERTIFICATE_PROBLEM.test(`${codeOf(error)} ${reason}`)) return reason;
  return `its certificate is not trusted: ${reason}; NODE_EXTRA_CA_CERTS names certificate authorities to trust`;
}
