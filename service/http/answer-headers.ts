import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { HEADERS } from '../../lib/contract';
import type { Health } from './routes/health';

/**
 * What every answer carries: the request's id, and, once the service stops, the word that its connection ends here. A
 * caller that is told so sends its next request elsewhere; one that is not may send it into a closing connection.
 */
export function answerHeaders({ id }: FastifyRequest, health: Health): Record<string, string | number> {
  const headers: Record<string, string | number> = { [HEADERS.requestId]: id };
  if (health.isStopping()) headers.connection = 'close';
  return headers;
}

/** Sets them on a reply. */
export function setAnswerHeaders(request: FastifyRequest, reply: FastifyReply, health: Health): void {
  reply.headers(answerHeaders(request, health));
}

/**
 * Sets them for the routes registered on `app`. The routes that run models and the error answers do it themselves: on a
 * small model's route a hook costs as much as a tenth of the rest.
 */
export function setAnswerHeadersByHook(app: FastifyInstance, health: Health): void {
  app.addHook('onRequest', (request, reply, done) => {
    setAnswerHeaders(request, reply, health);
    done();
  });
}
