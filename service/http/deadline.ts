import type { FastifyRequest } from 'fastify';
import { HEADERS } from '../../lib/contract';
import { badRequest } from '../errors';

/** A caller that says more means "no limit"; beyond it the deadline could not be told from none. */
const MAX_TIMEOUT_MS = 3_600_000;

/** Milliseconds from the timeout header, or undefined where the request has none. */
export function headerTimeoutMs(request: FastifyRequest): number | undefined {
  const text = request.headers[HEADERS.requestTimeoutMs];
  if (text === undefined) return undefined;
  const value = typeof text === 'string' && /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(value > 0 && value <= MAX_TIMEOUT_MS)) {
    throw badRequest(
      `header ${HEADERS.requestTimeoutMs} is '${text}', but must be milliseconds from above 0 to ${MAX_TIMEOUT_MS}`,
    );
  }
  return value;
}
