import type { IncomingMessage } from 'node:http';

/** How much of a refused body is still read, and for how long. */
const MAX_DISCARDED_BYTES = 256 * 2 ** 20;
const MAX_DISCARD_MS = 10_000;

/**
 * Reads what is left of a refused request. Answering and closing while the caller still sends resets the connection,
 * and most clients then report a broken pipe instead of the answer that says why.
 */
export function discardRest(request: IncomingMessage): Promise<void> {
  if (request.complete || request.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    let discardedBytes = 0;
    const timer = setTimeout(finish, MAX_DISCARD_MS);
    function count(chunk: Buffer): void {
      discardedBytes += chunk.length;
      if (discardedBytes > MAX_DISCARDED_BYTES) finish();
    }
    function finish(): void {
      clearTimeout(timer);
      request.off('data', count).off('end', finish).off('close', finish);
      resolve();
    }
    request.on('data', count).once('end', finish).once('close', finish);
    request.resume();
  });
}
