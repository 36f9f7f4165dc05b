import type { Socket } from 'node:net';
import { messageOf } from '../../../lib/spec/message-of';
import { type Endpoint, openSocket } from './endpoint';
import { type ParsedResponse, ResponseError, ResponseParser } from './response-parser';

/** Why no answer came. */
export type Failure = 'connect' | 'timeout' | 'reset' | 'protocol';

/** A request and who waits for its answer. Exactly one of the two is called, once. */
export interface Exchange {
  readonly bytes: string | Buffer;
  /** When it should have been sent, by the monotonic clock. */
  readonly dueMs: number;
  onResponse(response: ParsedResponse): void;
  onFailure(failure: Failure, detail: string): void;
}

/** What a connection tells its pool. */
export interface ConnectionOwner {
  /** It has answered and can carry the next request. */
  onIdle(connection: Connection): void;
  /** It is gone. An exchange that the server may never have seen is given back, to be sent on another one. */
  onGone(connection: Connection, unsent: Exchange | undefined): void;
}

/** One connection that carries one request at a time. */
export class Connection {
  readonly #socket: Socket;
  readonly #parser = new ResponseParser();
  readonly #owner: ConnectionOwner;
  #exchange: Exchange | undefined;
  #connected = false;
  #answered = 0;
  #receivedAny = false;
  #failure: { readonly kind: Failure; readonly detail: string } | undefined;

  constructor(endpoint: Endpoint, owner: ConnectionOwner) {
    this.#owner = owner;
    this.#socket = openSocket(endpoint);
    this.#socket.once(endpoint.secure ? 'secureConnect' : 'connect', () => {
      this.#connected = true;
    });
    this.#socket.on('data', (segment: Buffer) => this.#receive(segment));
    this.#socket.on('error', (error) => this.#fail(this.#connected ? 'reset' : 'connect', error.message));
    this.#socket.once('close', () => this.#close());
  }

  /** When the request that it carries was due; undefined while it is idle. */
  get dueMs(): number | undefined {
    return this.#exchange?.dueMs;
  }

  send(exchange: Exchange): void {
    this.#exchange = exchange;
    this.#receivedAny = false;
    if (typeof exchange.bytes === 'string') this.#socket.write(exchange.bytes, 'utf8');
    else this.#socket.write(exchange.bytes);
  }

  /** Ends it; the request that it carries fails. */
  destroy(kind: Failure, detail: string): void {
    this.#fail(kind, detail);
    this.#socket.destroy();
  }

  #fail(kind: Failure, detail: string): void {
    this.#failure ??= { kind, detail };
  }

  #receive(segment: Buffer): void {
    this.#receivedAny = true;
    let response: ParsedResponse | undefined;
    try {
      if (this.#exchange === undefined) throw new ResponseError('the server sends without being asked');
      response = this.#parser.push(segment);
    } catch (error) {
      this.destroy('protocol', messageOf(error));
      return;
    }
    if (response !== undefined) this.#answer(response);
  }

  #answer(response: ParsedResponse): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.#answered++;
    exchange?.onResponse(response);
    if (response.keepAlive) this.#owner.onIdle(this);
    else this.#socket.destroy();
  }

  #close(): void {
    const exchange = this.#exchange;
    if (this.#closedWhileIdle()) {
      this.#owner.onGone(this, exchange);
      return;
    }
    const response = this.#parser.end();
    if (response !== undefined) exchange?.onResponse(response);
    else
      exchange?.onFailure(this.#failure?.kind ?? 'reset', this.#failure?.detail ?? 'the server closed the connection');
    this.#owner.onGone(this, undefined);
  }

  /**
   * A server may close a kept connection just when the next request is on its way; clients send that one again, so it
   * is no failure.
   */
  #closedWhileIdle(): boolean {
    const ended = this.#failure === undefined || this.#failure.kind === 'reset';
    return this.#exchange !== undefined && this.#answered > 0 && !this.#receivedAny && ended;
  }
}
