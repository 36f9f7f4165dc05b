import { createServer, type IncomingMessage, type Server, type ServerResponse, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What becomes of a request that is not passed on. */
type Fault = (response: ServerResponse) => void;

/** A real HTTP server in front of another one, which passes all on but what it is told to answer itself. */
export class FaultyProxy {
  /** Method and path of all requests so far. */
  readonly requests: string[] = [];
  readonly #faults: { readonly method: string; readonly path: string; readonly fault: Fault }[] = [];
  readonly #server: Server;

  private constructor(private readonly target: string) {
    this.#server = createServer((request, response) => this.#handle(request, response));
  }

  /** @param target address of the server behind it */
  static async start(target: string): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Of the next request of this method with this in its path. */
  misbehave(method: string, path: string, fault: Fault): void {
    this.#faults.push({ method, path, fault });
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    const { method = '', url = '', headers } = request;
    this.requests.push(`${method} ${url}`);
    const index = this.#faults.findIndex((one) => one.method === method && url.includes(one.path));
    const [known] = index < 0 ? [] : this.#faults.splice(index, 1);
    if (known !== undefined) {
      request.resume();
      known.fault(response);
      return;
    }
    // With the host that the signature names.
    const passed = send(`${this.target}${url}`, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    passed.on('error', () => response.destroy());
    request.pipe(passed);
  }
}
