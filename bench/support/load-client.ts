import { connect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';

/** A request with a place in which a counter is written, so that no two requests are alike. */
export interface RequestTemplate {
  readonly bytes: Buffer;
  /** Where the digits of the counter begin, and how many there are; undefined: every request is the same. */
  readonly counter: { readonly offset: number; readonly digits: number } | undefined;
}

export interface LoadOptions {
  readonly connections: number;
  readonly durationMs: number;
  /** Load that is not counted, first. */
  readonly warmUpMs: number;
  /** Where the counter in the requests begins. */
  readonly firstCount: number;
}

export interface LoadResult {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers whose status was not 200. */
  readonly failures: number;
}

/** Builds a POST; `#` characters in the body become the counter. */
export function postTemplate(path: string, body: string): RequestTemplate {
  const head = `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`;
  const offset = body.indexOf('#');
  const digits = offset === -1 ? 0 : body.lastIndexOf('#') - offset + 1;
  const bytes = Buffer.from(head + body.replaceAll('#', '0'));
  return { bytes, counter: offset === -1 ? undefined : { offset: head.length + offset, digits } };
}

/**
 * Closed-loop load on loopback: each connection sends its next request when its answer is there. Written on bare sockets
 * so that the generator costs much less than the servers it measures; it reads as much HTTP as these servers write.
 */
export async function drive(port: number, template: RequestTemplate, options: LoadOptions): Promise<LoadResult> {
  const shared = {
    next: options.firstCount,
    latenciesMs: [] as number[],
    failures: 0,
    recording: false,
    stopped: false,
  };
  const clients = await Promise.all(Array.from({ length: options.connections }, () => open(port)));
  const done = clients.map((socket) => converse(socket, template, shared));
  await sleep(options.warmUpMs);
  shared.recording = true;
  const fromMs = performance.now();
  await sleep(options.durationMs);
  shared.recording = false;
  const seconds = (performance.now() - fromMs) / 1000;
  shared.stopped = true;
  await Promise.all(done);
  const sorted = Float64Array.from(shared.latenciesMs).sort();
  const quantile = (q: number) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
  return {
    requestsPerSecond: sorted.length / seconds,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    failures: shared.failures,
  };
}

interface Shared {
  next: number;
  readonly latenciesMs: number[];
  failures: number;
  recording: boolean;
  stopped: boolean;
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.setNoDelay(true);
    socket.once('error', reject);
  });
}

/** Resolves when the load is stopped and the last answer has come, or the connection has ended. */
function converse(socket: Socket, template: RequestTemplate, shared: Shared): Promise<void> {
  return new Promise((resolve) => {
    const request = Buffer.from(template.bytes);
    let sentMs = 0;
    let received = Buffer.alloc(0);
    const send = () => {
      if (shared.stopped) return socket.end();
      stamp(request, template.counter, shared.next++);
      sentMs = performance.now();
      return socket.write(request);
    };
    socket.on('data', (chunk) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      const status = completeStatus(received);
      if (status === undefined) return;
      received = Buffer.alloc(0);
      if (shared.recording) {
        shared.latenciesMs.push(performance.now() - sentMs);
        if (status !== 200) shared.failures++;
      }
      send();
    });
    socket.on('close', () => resolve());
    socket.on('error', () => resolve());
    send();
  });
}

function stamp(request: Buffer, counter: RequestTemplate['counter'], value: number): void {
  if (counter === undefined) return;
  let rest = value;
  for (let i = counter.offset + counter.digits - 1; i >= counter.offset; i--) {
    request[i] = 0x30 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
}

/** The status once the whole answer is there. Every server measured here sends content-length. */
function completeStatus(received: Buffer): number | undefined {
  const end = received.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const head = received.toString('latin1', 0, end).toLowerCase();
  const at = head.indexOf('content-length: ');
  const length = Number.parseInt(head.slice(at + 16), 10);
  return received.length >= end + 4 + length ? Number(head.slice(9, 12)) : undefined;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
