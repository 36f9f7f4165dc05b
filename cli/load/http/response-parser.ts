/** What a {@link ResponseParser} tells of a response once all of it has come. */
export interface ParsedResponse {
  readonly status: number;
  /** Header lines with their first line, as latin1; for those who look for a header of their own. */
  readonly head: string;
  /** Whether the server keeps the connection open. */
  readonly keepAlive: boolean;
}

/** A response that is no HTTP/1.1. */
export class ResponseError extends Error {}

const MAX_HEAD_BYTES = 64 * 1024;
const STATUS_LINE = /^HTTP\/1\.[01] ([1-9]\d\d)/;
const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)/i;
const CHUNKED = /\r\ntransfer-encoding:[^\r]*chunked/i;
const CLOSE = /\r\nconnection:[^\r]*close/i;
const HTTP_1_0_KEEP_ALIVE = /\r\nconnection:[^\r]*keep-alive/i;

type State = 'head' | 'length' | 'chunk-size' | 'chunk-data' | 'trailer' | 'until-close';

/**
 * Reads HTTP/1.1 responses of one connection, however they are cut into segments. Bodies are counted, not kept: what a
 * load generator wants is when they end. It costs a third of a full client, which is why there is one here.
 */
export class ResponseParser {
  #state: State = 'head';
  /** Bytes of a head or a chunk's size line that has not come completely. */
  #pending: Buffer | undefined;
  #remainingBytes = 0;
  #response: ParsedResponse | undefined;

  /**
   * Takes the next bytes.
   * @returns the response that they complete, or undefined where more must come
   * @throws ResponseError for what is no HTTP, and for bytes beyond the end of a response
   */
  push(segment: Buffer): ParsedResponse | undefined {
    let bytes = this.#pending === undefined ? segment : Buffer.concat([this.#pending, segment]);
    this.#pending = undefined;
    while (bytes.length > 0) {
      const taken = this.#take(bytes);
      if (taken === 0) {
        if (bytes.length > MAX_HEAD_BYTES) throw new ResponseError('the head of a response is longer than 64 KiB');
        this.#pending = bytes;
        return undefined;
      }
      bytes = bytes.subarray(taken);
      const done = this.#finished();
      if (done === undefined) continue;
      if (bytes.length > 0) throw new ResponseError('the server sends more than was asked for');
      return done;
    }
    return undefined;
  }

  /** The response that the end of the connection completes: one without a length. */
  end(): ParsedResponse | undefined {
    return this.#state === 'until-close' ? this.#response : undefined;
  }

  /** Bytes consumed of what is there; 0 where a line is not complete. */
  #take(bytes: Buffer): number {
    switch (this.#state) {
      case 'head':
        return this.#takeHead(bytes);
      case 'chunk-size':
        return this.#takeChunkSize(bytes);
      case 'trailer':
        return this.#takeTrailer(bytes);
      case 'until-close':
        return bytes.length;
      default: {
        const taken = Math.min(bytes.length, this.#remainingBytes);
        this.#remainingBytes -= taken;
        if (this.#state === 'chunk-data' && this.#remainingBytes === 0) this.#state = 'chunk-size';
        return taken;
      }
    }
  }

  #takeHead(bytes: Buffer): number {
    const end = bytes.indexOf('\r\n\r\n');
    if (end === -1) return 0;
    const head = bytes.toString('latin1', 0, end);
    const status = Number(STATUS_LINE.exec(head)?.[1] ?? Number.NaN);
    if (Number.isNaN(status)) {
      throw new ResponseError(`expected an HTTP/1.1 response, found '${head.slice(0, 40).replaceAll('\r\n', ' ')}'`);
    }
    // An interim response (100 Continue, 103 Early Hints): the real one follows.
    if (status < 200) return end + 4;
    const length = CONTENT_LENGTH.exec(head)?.[1];
    const isEmpty = status === 204 || status === 304;
    const chunked = !isEmpty && CHUNKED.test(head);
    const untilClose = !isEmpty && !chunked && length === undefined;
    const persistent = head.startsWith('HTTP/1.1') ? !CLOSE.test(head) : HTTP_1_0_KEEP_ALIVE.test(head);
    this.#response = { status, head, keepAlive: persistent && !untilClose };
    this.#state = chunked ? 'chunk-size' : untilClose ? 'until-close' : 'length';
    this.#remainingBytes = isEmpty || length === undefined ? 0 : Number(length);
    return end + 4;
  }

  #takeChunkSize(bytes: Buffer): number {
    const end = bytes.indexOf('\r\n');
    if (end === -1) return 0;
    const line = bytes.toString('latin1', 0, end);
    const size = /^[0-9a-f]{1,8} *(;|$)/i.test(line) ? Number.parseInt(line, 16) : Number.NaN;
    if (Number.isNaN(size)) throw new ResponseError(`the size of a chunk is '${line.slice(0, 40)}'`);
    // The line break after the data belongs to the chunk.
    this.#remainingBytes = size + 2;
    this.#state = size === 0 ? 'trailer' : 'chunk-data';
    return end + 2;
  }

  #takeTrailer(bytes: Buffer): number {
    const end = bytes.indexOf('\r\n');
    if (end === -1) return 0;
    if (end === 0) {
      this.#state = 'length';
      this.#remainingBytes = 0;
    }
    return end + 2;
  }

  #finished(): ParsedResponse | undefined {
    if (this.#state !== 'length' || this.#remainingBytes > 0) return undefined;
    const response = this.#response;
    this.#state = 'head';
    this.#response = undefined;
    return response;
  }
}
