import type { FastifyReply, FastifyRequest } from 'fastify';
import { type CacheOutcome, HEADERS } from '../../lib/contract';
import { answerHeaders } from './answer-headers';
import type { Health } from './routes/health';

/** Header fields by lower-case name. */
export type HeaderFields = Readonly<Record<string, string | number>>;

/** An encoded answer of a model. */
export interface ModelAnswer {
  /** undefined: 304, the caller has it. */
  readonly body: string | Buffer | undefined;
  readonly contentType: string;
  readonly cache: CacheOutcome;
  /** What it says beside what all answers of models say. */
  readonly headers?: HeaderFields | undefined;
}

/**
 * Writes an answer past Fastify's reply, whose hooks and serializers have nothing to do here: on a small model they cost
 * a twentieth of the request (docs/performance.md). The head is written first, so that one which Node refuses ends in an
 * error answer as any other error does.
 */
export function writeAnswer(
  request: FastifyRequest,
  reply: FastifyReply,
  { body, contentType, cache, headers }: ModelAnswer,
  modelVersion: string,
  health: Health,
): void {
  const fields = answerHeaders(request, health);
  fields[HEADERS.cache] = cache;
  fields[HEADERS.modelVersion] = modelVersion;
  if (body !== undefined) {
    fields['content-type'] = contentType;
    fields['content-length'] = Buffer.byteLength(body);
  }
  if (headers !== undefined) Object.assign(fields, headers);
  reply.raw.writeHead(body === undefined ? 304 : 200, fields);
  reply.hijack();
  reply.raw.end(body);
}
