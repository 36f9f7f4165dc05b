import type { Readable } from 'node:stream';
import { createGunzip, createInflate, type Gunzip, type Inflate } from 'node:zlib';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { badRequest, payloadTooLarge, type ServiceError, unsupportedMediaType } from '../errors';

/** Fastify remembers the parser of a type it was told of; for any other it parses the header at each request. */
const USUAL_TYPES = [
  'application/json',
  'application/octet-stream',
  // What curl sends unless told otherwise.
  'application/x-www-form-urlencoded',
  'image/jpeg',
  'image/png',
];

/** What is neither JSON nor bytes of tensors or images, whoever sends it; any other type may be a client's mistake. */
const OTHER_CONTENT =
  /^\s*(?:text\/(?:xml|html|csv)|application\/(?:xml|[\w.-]+\+xml)|multipart\/[\w-]+)(?=\s*(?:;|$))/i;

type Done = (error: Error | null, body?: Buffer) => void;

/**
 * Request bodies arrive as buffers whatever their content type, because binary tensors share a body with JSON and
 * because many clients of the protocol send no type, or the wrong one. Compressed bodies are unpacked on the way; the
 * limit holds for the unpacked bytes, so a decompression bomb ends there.
 *
 * Fastify's own way to unpack is a hook before its body reader; here the reader does both, which spares every request
 * the run through the hook.
 */
export function readBodiesAsBuffers(app: FastifyInstance, limitBytes: number): void {
  app.removeAllContentTypeParsers();
  for (const type of USUAL_TYPES) {
    app.addContentTypeParser(type, (request, payload, done) => readBody(request, payload, limitBytes, done));
  }
  app.addContentTypeParser('*', (request, payload, done) => {
    const other = OTHER_CONTENT.exec(request.headers['content-type'] ?? '')?.[0];
    if (other === undefined) readBody(request, payload, limitBytes, done);
    else done(otherContent(other.trim()));
  });
}

/** The body of a request read by {@link readBodiesAsBuffers}; empty where there was none. */
export function bodyOf(request: FastifyRequest): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}

function readBody({ headers }: FastifyRequest, payload: Readable, limitBytes: number, done: Done): void {
  const encoding = headers['content-encoding']?.toLowerCase() ?? 'identity';
  const announcedBytes = Number(headers['content-length']);
  if (announcedBytes > limitBytes) {
    done(tooLarge(limitBytes));
  } else if (encoding === 'identity') {
    collect(payload, limitBytes, done, announcedBytes);
  } else if (encoding === 'gzip' || encoding === 'x-gzip') {
    unpack(payload, createGunzip(), limitBytes, done);
  } else if (encoding === 'deflate') {
    unpack(payload, createInflate(), limitBytes, done);
  } else {
    const allowed = 'gzip, deflate, identity';
    done(unsupportedMediaType(`content-encoding '${encoding}' is not supported, allowed: ${allowed}`));
  }
}

function unpack(payload: Readable, decoder: Gunzip | Inflate, limitBytes: number, done: Done): void {
  payload.on('error', (error) => decoder.destroy(error));
  collect(payload.pipe(decoder), limitBytes, (error, body) => {
    // A refused body must stop inflating, or a bomb goes on costing processor time after its 413.
    decoder.destroy();
    done(error, body);
  });
}

/**
 * Reads a stream to its end, or to the limit. Node ends the requests whose length is not as announced itself.
 *
 * @param announcedBytes with so many the body is complete, and the request is answered before Node has tidied up behind
 *   it, which takes a few percent of a small model's latency; NaN: only the stream's end tells
 */
function collect(stream: Readable, limitBytes: number, done: Done, announcedBytes = Number.NaN): void {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  let isDone = false;
  function finish(error: Error | null, body?: Buffer): void {
    if (isDone) return;
    isDone = true;
    done(error, body);
  }
  function take(chunk: Buffer): void {
    if (isDone) return;
    sizeBytes += chunk.length;
    chunks.push(chunk);
    if (sizeBytes > limitBytes) finish(tooLarge(limitBytes));
    else if (sizeBytes === announcedBytes) end();
  }
  function end(): void {
    const [first] = chunks;
    // Nearly every online request is a single chunk, which needs no copy.
    finish(null, chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks, sizeBytes));
  }
  stream
    .on('data', take)
    .on('end', end)
    .on('error', (error) => finish(toRefusal(error)));
}

/** Errors of zlib and of connections that end too early, in words of ours. */
function toRefusal(error: Error & { readonly code?: string }): ServiceError | Error {
  if (error.code === 'ECONNRESET') return badRequest('the connection ended before the body was complete');
  if (error.code === 'Z_BUF_ERROR') return badRequest('the compressed body ends too early');
  return error.code?.startsWith('Z_') === true ? badRequest('the compressed body is corrupt') : error;
}

function otherContent(type: string): ServiceError {
  const allowed = 'application/json, application/octet-stream, image/jpeg, image/png';
  return unsupportedMediaType(`content-type '${type}' is not supported, allowed: ${allowed}`);
}

function tooLarge(limitBytes: number): ServiceError {
  return payloadTooLarge(`the body is larger than the ${limitBytes} bytes that are accepted`);
}
