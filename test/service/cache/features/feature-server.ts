import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

type Rows = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What the server does with a request for features. */
export type Behaviour = 'answer' | 'stall' | 'fail' | 'html' | 'swap' | 'short' | 'cut' | 'redirect' | 'hangUp';

/** A real HTTP server with the API of Feast's feature server, which can be told to misbehave. */
export class FeatureServer {
  behaviour: Behaviour = 'answer';
  /** That it asks for; undefined: it asks for none. */
  token: string | undefined;
  /** Entities of each request so far. */
  readonly asked: string[][] = [];
  /** How often it was asked whether it is well. */
  probes = 0;
  /** Features and join key of each request so far. */
  readonly views: string[] = [];
  readonly #server: Server;
  /** Connections that have brought a request. */
  readonly #used = new WeakSet<Socket>();

  private constructor(private readonly rows: Rows) {
    this.#server = createServer((request, response) => {
      void this.#handle(request, response);
    });
  }

  /** @param port 0: a free one */
  static async start(rows: Rows, port = 0): Promise<FeatureServer> {
    const server = new FeatureServer(rows);
    await new Promise<void>((resolve, reject) => {
      server.#server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.token !== undefined && request.headers.authorization !== `Bearer ${this.token}`) {
      response.writeHead(401).end();
      return;
    }
    if (request.url === '/health') {
      this.probes++;
      response.writeHead(this.behaviour === 'answer' ? 200 : 500).end();
      return;
    }
    if (this.behaviour === 'hangUp' && this.#used.has(request.socket)) {
      request.socket.destroy();
      return;
    }
    this.#used.add(request.socket);
    let text = '';
    for await (const chunk of request) text += chunk;
    const { features, entities } = JSON.parse(text);
    const [[joinKey, ids]] = Object.entries<string[]>(entities) as [[string, string[]]];
    this.asked.push(ids);
    this.views.push(`${features} by ${joinKey}`);
    if (this.behaviour === 'stall') return;
    if (this.behaviour === 'fail') {
      response.writeHead(500).end('{"detail":"boom"}');
      return;
    }
    if (this.behaviour === 'redirect') {
      response.writeHead(307, { location: this.url }).end();
      return;
    }
    if (this.behaviour === 'html') {
      response.end('<html>welcome</html>');
      return;
    }
    const body = JSON.stringify(this.#answer(joinKey, ids, features));
    if (this.behaviour === 'cut') {
      response.writeHead(200, { 'content-length': body.length }).write(body.slice(0, 20));
      setTimeout(() => response.destroy(), 10);
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  }

  #answer(joinKey: string, ids: readonly string[], features: readonly string[]): unknown {
    const names = features.map((feature) => feature.split(':')[1] ?? '');
    const keys = this.behaviour === 'swap' ? [...ids].reverse() : ids;
    const results = names.map((name) => ({
      values: ids.map((id) => this.rows[id]?.[name] ?? null),
      statuses: ids.map((id) => {
        if (this.rows[id] === undefined) return 'NOT_FOUND';
        return this.rows[id][name] === undefined ? 'NULL_VALUE' : 'PRESENT';
      }),
      event_timestamps: ids.map((id) =>
        this.rows[id] === undefined ? '1970-01-01T00:00:00Z' : '2026-01-01T00:00:00Z',
      ),
    }));
    if (this.behaviour === 'short') results[0]?.values.pop();
    return {
      metadata: { feature_names: [joinKey, ...names] },
      results: [{ values: keys, statuses: ids.map(() => 'PRESENT'), event_timestamps: [] }, ...results],
    };
  }
}
