import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { HEADERS } from '../../lib/contract';

/** What may go into logs and back into a header without escaping. */
const SOUND_ID = /^[\x21-\x7e]{1,128}$/;

/** The caller's request id where it is a sound one, else a new one. */
export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers[HEADERS.requestId];
  return typeof given === 'string' && SOUND_ID.test(given) ? given : randomUUID();
}

/**
 * Sends the request's id back with the answers of the routes registered on `app` from now on. The routes that run
 * models and the error answers do it themselves: on a small model's route a hook costs as much as a tenth of the rest.
 */
export function echoRequestIds(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header(HEADERS.requestId, request.id);
    done();
  });
}
