import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Certificate, makeCertificate } from './certificate';

/** What a server does to one request instead of answering it as it should. */
export type Fault = (response: ServerResponse, body: Buffer, status: number) => void;

/** A real HTTPS server of a folder, with ranges and ETags, that can be told to misbehave. */
export class ArtifactServer {
  readonly directory = mkdtempSync(join(tmpdir(), 'headroom-https-'));
  /** Paths that were asked for, with the range, such as `blobs/ab… bytes=0-9`. */
  readonly requests: string[] = [];
  /** Statuses that were answered, in the same order. */
  readonly statuses: number[] = [];
  ignoresRanges = false;
  /** By a part of the path; each misbehaves as often as it is listed. */
  readonly faults: { readonly path: string; times: number; readonly fault: Fault }[] = [];
  readonly #server: Server;

  private constructor(private readonly identity: Certificate) {
    const [cert, key] = [this.certificate, readFileSync(identity.keyPath)];
    this.#server = createServer({ cert, key }, (request, response) => this.#answer(request, response));
  }

  static async start(): Promise<ArtifactServer> {
    const server = new ArtifactServer(makeCertificate());
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get certificatePath(): string {
    return this.identity.certificatePath;
  }

  get certificate(): Buffer {
    return readFileSync(this.certificatePath);
  }

  get url(): string {
    return `https://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  get isListening(): boolean {
    return this.#server.listening;
  }

  misbehave(path: string, fault: Fault, times = Number.POSITIVE_INFINITY): void {
    this.faults.push({ path, times, fault });
  }

  behave(): void {
    this.faults.length = 0;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.directory, { recursive: true, force: true });
    this.identity.delete();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = (request.url ?? '').slice(1);
    const range = this.ignoresRanges ? undefined : request.headers.range;
    this.requests.push(range === undefined ? path : `${path} ${range}`);
    const [status, headers, body] = this.#content(path, range, request.headers['if-none-match']);
    this.statuses.push(status);
    const fault = this.faults.find((candidate) => path.includes(candidate.path) && candidate.times > 0);
    if (fault === undefined) {
      response.writeHead(status, { ...headers, 'content-length': body.length }).end(body);
      return;
    }
    fault.times -= 1;
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    fault.fault(response, body, status);
  }

  #content(
    path: string,
    range: string | undefined,
    ifNoneMatch: string | undefined,
  ): [number, Record<string, string>, Buffer] {
    const file = join(this.directory, path);
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats === undefined) return [404, {}, Buffer.from('nothing here')];
    const etag = `"${stats.mtimeMs}-${stats.size}"`;
    if (ifNoneMatch === etag) return [304, { etag }, Buffer.alloc(0)];
    const whole = readFileSync(file);
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
    if (first === undefined || last === undefined) return [200, { etag }, whole];
    const contentRange = `bytes ${first}-${last}/${whole.length}`;
    return [206, { etag, 'content-range': contentRange }, whole.subarray(Number(first), Number(last) + 1)];
  }
}

export const faults = {
  /** Promises the body, sends half of it, and then nothing more. */
  stalls: (response, body, status) => {
    response.writeHead(status, { 'content-length': body.length });
    response.write(body.subarray(0, body.length / 2));
  },
  /** Promises the body and hangs up in the middle. */
  truncates: (response, body, status) => {
    response.writeHead(status, { 'content-length': body.length });
    response.write(body.subarray(0, body.length / 2), () => response.destroy());
  },
  /** Ends in order, only too early. */
  endsEarly: (response, body, status) => {
    response.writeHead(status, { 'transfer-encoding': 'chunked' });
    response.end(body.subarray(0, body.length / 2));
  },
  /** Sends as many bytes as asked for, but others. */
  lies: (response, body, status) => {
    const other = Buffer.from(body);
    other[0] = (other[0] ?? 0) ^ 0xff;
    response.writeHead(status, { 'content-length': other.length }).end(other);
  },
  forbids: (response) => {
    response.removeHeader('content-range');
    response.writeHead(403).end('<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>');
  },
  breaks: (response) => {
    response.writeHead(503).end('busy');
  },
} satisfies Record<string, Fault>;
