import { Connection, type ConnectionOwner, type Exchange } from './connection';
import type { Endpoint } from './endpoint';

export interface PoolOptions {
  readonly maxConnections: number;
  /** From the time a request was due to the end of its answer. */
  readonly timeoutMs: number;
}

/** How a pool was used. */
export interface PoolUse {
  /** Open at the same time, at most. */
  readonly mostConnections: number;
  /** Requests that had to wait for a connection because no more may be opened. */
  readonly waited: number;
}

/** Kept connections to one endpoint: the one used last is used next, and another is opened when none is idle. */
export class ConnectionPool implements ConnectionOwner {
  readonly #endpoint: Endpoint;
  readonly #options: PoolOptions;
  readonly #open = new Set<Connection>();
  readonly #idle: Connection[] = [];
  /** In the order in which they were due, those before `#waitingFrom` are gone. */
  #waiting: Exchange[] = [];
  #waitingFrom = 0;
  #mostConnections = 0;
  #waited = 0;

  constructor(endpoint: Endpoint, options: PoolOptions) {
    this.#endpoint = endpoint;
    this.#options = options;
  }

  get use(): PoolUse {
    return { mostConnections: this.#mostConnections, waited: this.#waited };
  }

  /** @returns false where the request has to wait for a connection */
  send(exchange: Exchange): boolean {
    const idle = this.#idle.pop();
    if (idle !== undefined) idle.send(exchange);
    else if (this.#open.size < this.#options.maxConnections) this.#connect().send(exchange);
    else {
      this.#waiting.push(exchange);
      this.#waited++;
      return false;
    }
    return true;
  }

  /** Gives up requests that have taken too long; to be called now and then. */
  sweep(nowMs: number): void {
    const oldestMs = nowMs - this.#options.timeoutMs;
    const detail = `no answer within ${this.#options.timeoutMs} ms`;
    for (const connection of this.#open) {
      const { dueMs } = connection;
      if (dueMs !== undefined && dueMs < oldestMs) connection.destroy('timeout', detail);
    }
    for (let next = this.#waiting[this.#waitingFrom]; next !== undefined && next.dueMs < oldestMs; ) {
      this.#waitingFrom++;
      next.onFailure('timeout', detail);
      next = this.#waiting[this.#waitingFrom];
    }
  }

  /** Ends all connections; requests on their way fail. */
  close(): void {
    const unanswered = this.#waiting.slice(this.#waitingFrom);
    this.#waiting = [];
    this.#waitingFrom = 0;
    for (const exchange of unanswered) exchange.onFailure('timeout', 'the load ended');
    for (const connection of this.#open) connection.destroy('timeout', 'the load ended');
  }

  onIdle(connection: Connection): void {
    const next = this.#nextWaiting();
    if (next === undefined) this.#idle.push(connection);
    else connection.send(next);
  }

  onGone(connection: Connection, unsent: Exchange | undefined): void {
    this.#open.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at !== -1) this.#idle.splice(at, 1);
    const next = unsent ?? this.#nextWaiting();
    if (next !== undefined) this.#connect().send(next);
  }

  #connect(): Connection {
    const connection = new Connection(this.#endpoint, this);
    this.#open.add(connection);
    this.#mostConnections = Math.max(this.#mostConnections, this.#open.size);
    return connection;
  }

  #nextWaiting(): Exchange | undefined {
    const next = this.#waiting[this.#waitingFrom];
    if (next === undefined) return undefined;
    this.#waitingFrom++;
    if (this.#waitingFrom === this.#waiting.length) {
      this.#waiting = [];
      this.#waitingFrom = 0;
    }
    return next;
  }
}
