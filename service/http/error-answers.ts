import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { HEADERS } from '../../lib/contract';
import { methodNotAllowed, routeNotFound, ServiceError } from '../errors';
import { setAnswerHeaders } from './answer-headers';
import { discardRest } from './discard';
import type { Health } from './routes/health';
import { portOf, type Side } from './sides';

/** Told of each request that ends in an error, for metrics. */
export type ErrorListener = (request: FastifyRequest, code: string) => void;

/** Sentences for what Fastify refuses in words of its own. */
const SENTENCES: Readonly<Record<string, string>> = {
  FST_ERR_MAX_PARAM_LENGTH: 'a part of the path is too long',
  FST_ERR_BAD_URL: 'the path is not a valid URL',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'the content type is not a valid one',
};

/** Every error leaves as `{"error": "one sentence"}` with the status that tells whose mistake it was. */
export function answerErrors(
  app: FastifyInstance,
  side: Side,
  health: Health,
  logger: Logger,
  listener: ErrorListener,
): void {
  app.setErrorHandler(async (error: FastifyError | ServiceError, request, reply) => {
    const answer = toServiceError(error);
    listener(request, answer.code);
    if (answer.statusCode >= 500 && answer.code === 'internal') {
      logger.error({ err: error, requestId: request.id, url: request.url }, 'request failed');
    }
    await discardRest(request.raw);
    return sendError(request, reply, health, answer);
  });
  app.setNotFoundHandler((request, reply) => {
    listener(request, 'route_not_found');
    const path = pathOf(request);
    return sendError(request, reply, health, routeNotFound(request.method, path, portOf(path, side)));
  });
}

/** Answers what fails before there is a route: a path that cannot be decoded, or is too long. */
export function answerFrameworkError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  reply.header(HEADERS.requestId, request.id);
  const { statusCode, message } = toServiceError(error);
  reply
    .code(statusCode)
    .type('application/json')
    .send(JSON.stringify({ error: message }));
}

/** Sentences for what is no HTTP at all, or more of it than Node reads, by Node's error code. */
const CONNECTION_ERRORS: Readonly<Record<string, readonly [status: string, sentence: string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'the request line and headers are longer than 16 KiB'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'the request took too long to arrive'],
};

/** Answers bytes that are not a request, and ends the connection, whose next byte could mean anything. */
export function answerConnectionError(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const [status, sentence] = CONNECTION_ERRORS[error.code ?? ''] ?? [
    '400 Bad Request',
    'the request is not valid HTTP',
  ];
  const body = JSON.stringify({ error: sentence });
  const head = `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close`;
  socket.end(`HTTP/1.1 ${status}\r\n${head}\r\n\r\n${body}`);
}

/** The error as the service words it; whatever is not a mistake of the caller becomes an opaque 500. */
export function toServiceError(error: Error & { readonly code?: string; readonly statusCode?: number }): ServiceError {
  if (error instanceof ServiceError) return error;
  const { statusCode = 500 } = error;
  if (statusCode >= 400 && statusCode < 500) {
    const sentence = SENTENCES[error.code ?? ''] ?? lowerFirst(error.message);
    return new ServiceError(statusCode, metricName(error.code), sentence);
  }
  return new ServiceError(500, 'internal', 'the service failed on this request; its log holds the cause');
}

/** The name of what Fastify or Node refuses, as metrics count it. */
function metricName(code = 'bad_request'): string {
  return code.toLowerCase().replace(/^fst_err_(ctp_)?/, '');
}

function sendError(request: FastifyRequest, reply: FastifyReply, health: Health, error: ServiceError): FastifyReply {
  setAnswerHeaders(request, reply, health);
  if (error.retryAfterMs !== undefined) {
    // The header counts whole seconds; zero would invite the caller back at once.
    reply.header('retry-after', Math.max(1, Math.ceil(error.retryAfterMs / 1000)));
  }
  return reply
    .code(error.statusCode)
    .type('application/json')
    .send(JSON.stringify({ error: error.message }));
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** Methods by path, of the routes registered from now on. */
export function collectRoutes(app: FastifyInstance): Map<string, Set<string>> {
  const routes = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const methods = routes.get(url) ?? new Set();
    for (const name of [method].flat()) methods.add(name);
    routes.set(url, methods);
  });
  return routes;
}

/** Answers 405 where a path exists under another method; to be called behind the last of `routes`. */
export function answerWrongMethods(app: FastifyInstance, routes: ReadonlyMap<string, ReadonlySet<string>>): void {
  for (const [url, methods] of [...routes]) {
    const allow = [...methods].join(', ');
    app.route({
      method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].filter((method) => !methods.has(method)),
      url,
      schema: { hide: true },
      handler: (request, reply) => {
        reply.header('allow', allow);
        throw methodNotAllowed(request.method, pathOf(request), allow);
      },
    });
  }
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '';
}
