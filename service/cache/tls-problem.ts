import { isIP } from 'node:net';
import { connect } from 'node:tls';

/**
 * What a TLS connection to a server fails with; undefined where it succeeds, or nothing is heard in time. For clients
 * that only say that a connection was closed.
 */
export function findTlsProblem(
  { host, port }: { readonly host: string; readonly port: number },
  timeoutMs: number,
): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}) });
    const finish = (problem: Error | undefined) => {
      resolve(problem);
      socket.destroy();
    };
    socket.setTimeout(timeoutMs, () => finish(undefined));
    socket.once('secureConnect', () => finish(undefined));
    // Stays after the first error: a socket that is destroyed may still fail.
    socket.on('error', finish);
  });
}
