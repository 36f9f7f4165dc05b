import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { HEADERS } from '../../lib/contract';
import type { Health } from './routes/health';

/**
 * What every answer carries: the request's id, and, once the service stops, the word that its connection ends here. A
 * caller that is told so sends its next request elsewhere; one that is not may send it into a closing connection.
 */
export function setAnswerHeaders(request: FastifyRequest, reply: FastifyReply, health: Health): void {
  reply.header(HEADERS.requestId, request.id);
  if (health.isStopping()) reply.header('connection', 'close');
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
