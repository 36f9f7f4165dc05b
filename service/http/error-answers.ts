import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ServiceError } from '../errors';

/** Told of each request that ends in an error, for metrics. */
export type ErrorListener = (request: FastifyRequest, code: string) => void;

/** Sentences for what Fastify and zlib refuse in words of their own. */
const SENTENCES: Readonly<Record<string, string>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'the body is larger than this service accepts',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'the body is not as long as its content-length says',
  Z_DATA_ERROR: 'the compressed body is corrupt',
  Z_BUF_ERROR: 'the compressed body ends too early',
  FST_ERR_MAX_PARAM_LENGTH: 'a part of the path is too long',
  FST_ERR_BAD_URL: 'the path is not a valid URL',
};

/** Every error leaves as `{"error": "one sentence"}` with the status that tells whose mistake it was. */
export function answerErrors(app: FastifyInstance, listener: ErrorListener): void {
  app.setErrorHandler((error: FastifyError | ServiceError, request, reply) => {
    const answer = toServiceError(error);
    listener(request, answer.code);
    if (answer.statusCode >= 500 && answer.code === 'internal') {
      request.log.error({ err: error, requestId: request.id, url: request.url }, 'request failed');
    }
    return sendError(reply, answer);
  });
  app.setNotFoundHandler((request, reply) => {
    listener(request, 'route_not_found');
    const path = request.url.split('?', 1)[0];
    return sendError(
      reply,
      new ServiceError(404, 'route_not_found', `there is nothing at ${request.method} ${path}`),
    );
  });
}

/** The error as the service words it; whatever is not a mistake of the caller becomes an opaque 500. */
export function toServiceError(error: Error & { readonly code?: string; readonly statusCode?: number }): ServiceError {
  if (error instanceof ServiceError) return error;
  const { statusCode = 500 } = error;
  if (statusCode >= 400 && statusCode < 500) {
    const sentence = SENTENCES[error.code ?? ''] ?? lowerFirst(error.message);
    return new ServiceError(statusCode, (error.code ?? 'bad_request').toLowerCase(), sentence);
  }
  return new ServiceError(500, 'internal', 'the service failed on this request; its log holds the cause');
}

export function sendError(reply: FastifyReply, error: ServiceError): FastifyReply {
  if (error.retryAfterMs !== undefined) {
    // The header counts whole seconds; zero would invite the caller back at once.
    reply.header('retry-after', Math.max(1, Math.ceil(error.retryAfterMs / 1000)));
  }
  return reply.code(error.statusCode).type('application/json').send(JSON.stringify({ error: error.message }));
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/**
 * Answers 405 where a path exists under another method. Called when all routes of `app` are registered.
 *
 * @param routes methods by path, collected while the routes were registered
 */
export function answerWrongMethods(app: FastifyInstance, routes: ReadonlyMap<string, ReadonlySet<string>>): void {
  for (const [url, methods] of routes) {
    const others = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((method) => !methods.has(method));
    const allow = [...methods].join(', ');
    app.route({
      method: others,
      url,
      schema: { hide: true },
      handler: (request, reply) => {
        reply.header('allow', allow);
        throw new ServiceError(
          405,
          'method_not_allowed',
          `${request.method} is not possible on ${request.url.split('?', 1)[0]}, allowed: ${allow}`,
        );
      },
    });
  }
}
