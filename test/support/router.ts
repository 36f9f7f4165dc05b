import { connect, createServer, type Server, type Socket } from 'node:net';
import { Transform } from 'node:stream';

/** Forwards connections to a local port, until it forgets them: then they stay open and carry nothing any more. */
export class Router {
  /** How long each piece of an answer is under way. */
  delayMs = 0;
  readonly #sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async start(target: number): Promise<Router> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const router = new Router(server, typeof address === 'object' && address !== null ? address.port : 0);
    server.on('connection', (client) => router.#forward(client, connect(target, '127.0.0.1')));
    return router;
  }

  forgetConnections(): void {
    for (const socket of this.#sockets) {
      socket.unpipe();
      socket.resume();
    }
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.server.close();
  }

  #forward(client: Socket, upstream: Socket): void {
    for (const socket of [client, upstream]) {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => this.#sockets.delete(socket));
    }
    const way = new Transform({
      transform: (chunk, _, arrive) => void setTimeout(() => arrive(null, chunk), this.delayMs),
    });
    client.pipe(upstream);
    upstream.pipe(way).pipe(client);
  }
}
