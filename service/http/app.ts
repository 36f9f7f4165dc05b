import { type FastifyInstance, type FastifyRequest, fastify } from 'fastify';
import type { ModelRepository } from '../repository/model-repository';
import { readBodiesAsBuffers } from './body';
import {
  answerConnectionError,
  answerErrors,
  answerFrameworkError,
  answerWrongMethods,
  collectRoutes,
} from './error-answers';
import { describeApi } from './openapi';
import type { HttpParts } from './parts';
import { requestIdOf } from './request-id';
import type { Side } from './sides';

/** How long a client may take to send a whole request, so that slow senders cannot hold connections for ever. */
const REQUEST_TIMEOUT_MS = 60_000;
/** Longer than the idle time of load balancers (60 s by default), or they would meet closed connections. */
const KEEP_ALIVE_TIMEOUT_MS = 72_000;

/** An app with what both sides share: request ids, error answers, 405s, documentation, no log line per request. */
export async function createApp(
  side: Side,
  { logger, metrics, health, repository, bodyLimitBytes }: HttpParts,
  registerRoutes: (app: FastifyInstance) => Promise<void>,
): Promise<FastifyInstance> {
  const app = fastify({
    // Fastify's own logger costs each request two listeners and a check, whether it logs or not. What is worth a line
    // here is logged by whoever knows of it.
    logger: false,
    genReqId: requestIdOf,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 300 },
    frameworkErrors: answerFrameworkError,
    clientErrorHandler: answerConnectionError,
  });
  // The codecs validate; the schemas only document.
  app.setValidatorCompiler(() => () => true);
  answerErrors(app, side, health, logger, (request, code) => metrics.countError(servedName(request, repository), code));
  await describeApi(app);
  readBodiesAsBuffers(app, bodyLimitBytes);
  const routes = collectRoutes(app);
  await registerRoutes(app);
  answerWrongMethods(app, routes);
  return app;
}

/** The model a request names, or '' where it is none of ours: strangers must not be able to invent series. */
function servedName({ params }: FastifyRequest, repository: ModelRepository): string {
  if (typeof params !== 'object' || params === null) return '';
  const name = 'model' in params ? params.model : 'target' in params ? String(params.target).split(':', 1)[0] : '';
  return typeof name === 'string' && repository.has(name) ? name : '';
}
