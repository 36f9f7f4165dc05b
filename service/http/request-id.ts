import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { HEADERS } from '../../lib/contract';

/** What may go into logs and back into a header without escaping. */
const SOUND_ID = /^[\x21-\x7e]{1,128}$/;

/** Of this process alone. With a count behind it an id is as unique as a random one, and costs a tenth of it. */
const PROCESS_ID = randomUUID().slice(0, 18);

let requests = 0;

/** The caller's request id where it is a sound one, else a new one. */
export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers[HEADERS.requestId];
  return typeof given === 'string' && SOUND_ID.test(given) ? given : `${PROCESS_ID}-${++requests}`;
}
