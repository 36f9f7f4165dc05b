import type { Readable } from 'node:stream';
import { createGunzip, createInflate } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { unsupportedMediaType } from '../errors';

/** What Fastify's body reader wants from a stream in front of it: how many bytes came over the wire. */
type DecodedBody = Readable & { receivedEncodedLength: number };

const DECODERS: Readonly<Record<string, () => ReturnType<typeof createGunzip>>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
};

/**
 * Request bodies arrive as buffers whatever their content type, because binary tensors share a body with JSON and
 * because many clients of the protocol send no type, or the wrong one. Compressed bodies are unpacked on the way; the
 * body limit holds for the unpacked bytes, so a decompression bomb ends at the limit.
 */
export function readBodiesAsBuffers(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addHook('preParsing', (request, reply, payload, done) => {
    const encoding = request.headers['content-encoding'];
    if (encoding === undefined || encoding === 'identity') return done(null, payload);
    const createDecoder = Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding] : undefined;
    if (createDecoder === undefined) {
      return done(
        unsupportedMediaType(`content-encoding '${encoding}' is not supported, allowed: gzip, deflate, identity`),
      );
    }
    return done(null, decoded(reply, payload, createDecoder()));
  });
}

function decoded(reply: FastifyReply, payload: Readable, decoder: ReturnType<typeof createGunzip>): DecodedBody {
  const body = Object.assign(decoder, { receivedEncodedLength: 0 });
  payload.on('data', (chunk: Buffer) => {
    body.receivedEncodedLength += chunk.length;
  });
  payload.on('error', () => body.destroy());
  // A refused body must stop inflating, or a bomb goes on costing processor time after its 413.
  reply.raw.once('close', () => body.destroy());
  payload.pipe(body);
  return body;
}

/** The body of a request read by {@link readBodiesAsBuffers}; empty where there was none. */
export function bodyOf(request: FastifyRequest): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}
