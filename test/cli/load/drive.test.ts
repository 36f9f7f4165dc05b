import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTcpServer, type Server as NetServer } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type DriveOptions, drive, type Target } from '../../../cli/load/drive';
import { endpointOf } from '../../../cli/load/http/endpoint';
import { requestBytes } from '../../../cli/load/http/request-bytes';
import { monotonicMs } from '../../../cli/load/schedule/clock';
import type { Pacer } from '../../../cli/load/schedule/pacer';
import { seeded } from '../../../cli/load/schedule/random';
import { freePort } from '../../support/free-port';

/** A pacer of the event loop's own timers, as threads run only from the bundle. */
async function timerPacer(onTime: () => void): Promise<Pacer> {
  let timer: NodeJS.Timeout | undefined;
  return {
    wakeAt: (timeMs) => {
      clearTimeout(timer);
      timer = setTimeout(onTime, Math.max(0, timeMs - monotonicMs()));
    },
    close: async () => clearTimeout(timer),
  };
}

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

async function serve(answer: RequestListener): Promise<URL> {
  server = createServer(answer);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return urlOf(server);
}

function urlOf(listening: NetServer): URL {
  const address = listening.address();
  return new URL(`http://127.0.0.1:${typeof address === 'object' ? address?.port : address}`);
}

function target(url: URL, name = 'a', weight = 1): Target {
  const bytes = requestBytes(endpointOf(url), { method: 'POST', contentType: 'application/json', headers: [] });
  return { name, weight, nextRequest: () => bytes(`/${name}`, '{"instances":[1]}') };
}

function options(url: URL, changes: Partial<DriveOptions> = {}): DriveOptions {
  return {
    endpoint: endpointOf(url),
    pool: { maxConnections: 100, timeoutMs: 20_000 },
    targets: [target(url)],
    stretches: [{ seconds: 0.2, fromQps: 200, toQps: 200 }],
    arrivals: 'constant',
    warmUpSeconds: 0,
    random: seeded(1),
    startPacer: timerPacer,
    ...changes,
  };
}

describe('open-loop load', () => {
  test('sends what is due although nothing has been answered', async () => {
    // GIVEN a server that answers only when it holds all 40 requests
    const held: (() => void)[] = [];
    const url = await serve((_, response) => {
      held.push(() => response.end('{}'));
      if (held.length === 40) for (const answer of held) answer();
    });
    // WHEN 40 are sent
    const { recorders, generator } = await drive(options(url));
    // THEN all are answered, each over a connection of its own
    expect(recorders[0]).toMatchObject({ offered: 40, answered: 40, lost: 0 });
    expect(generator.mostConnections).toBe(40);
  });

  test('charges the time for which a request waited to be sent', async () => {
    // GIVEN a server that takes 20 ms a request, and one connection to it
    const url = await serve((_, response) => setTimeout(() => response.end('{}'), 20));
    const pool = { maxConnections: 1, timeoutMs: 20_000 };
    // WHEN 10 requests are due within 10 ms
    const stretches = [{ seconds: 0.01, fromQps: 1000, toQps: 1000 }];
    const { recorders, generator } = await drive(options(url, { pool, stretches }));
    // THEN the last one took as long as all ten, less the time after which it was due
    expect(recorders[0]?.latencies.percentileMs(100)).toBeGreaterThan(10 * 19 - 10);
    expect(generator.waited).toBeGreaterThan(0);
  });

  test('counts refusals apart from failures', async () => {
    const statuses = [200, 429, 503, 500];
    let requests = 0;
    const url = await serve((_, response) => response.writeHead(statuses[requests++ % 4] ?? 200).end());
    const { recorders } = await drive(options(url));
    expect(recorders[0]).toMatchObject({ answered: 10, tooMany: 10, unavailable: 10, failed: 10, lost: 30 });
    expect([...(recorders[0]?.failures ?? [])]).toEqual([['status 500', 10]]);
  });

  test('gives up requests that are not answered in time, those that were never sent included', async () => {
    const url = await serve(() => undefined);
    const pool = { maxConnections: 3, timeoutMs: 50 };
    const { recorders, outstandingAtEnd } = await drive(options(url, { pool }));
    expect([...(recorders[0]?.failures ?? [])]).toEqual([['timeout', 40]]);
    expect(outstandingAtEnd).toBeGreaterThan(0);
  });

  test('uses connections again, and opens others where the server closes them', async () => {
    let requests = 0;
    const url = await serve((_, response) => {
      if (requests++ % 2 === 1) response.setHeader('connection', 'close');
      response.end('{}');
    });
    expect((await drive(options(url))).recorders[0]).toMatchObject({ answered: 40, lost: 0 });
  });

  test('sends again what met a connection that was just being closed', async () => {
    // GIVEN a server that ends a connection without a word at its third request
    const tcp = createTcpServer((socket) => {
      let requests = 0;
      socket.on('error', () => undefined);
      socket.on('data', () => {
        requests++;
        if (requests === 3) socket.destroy();
        else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
      });
    });
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
    const { recorders } = await drive(options(urlOf(tcp), { pool: { maxConnections: 1, timeoutMs: 20_000 } }));
    tcp.close();
    expect(recorders[0]).toMatchObject({ answered: 40, lost: 0 });
  });

  test('tells what does not speak HTTP', async () => {
    const tcp = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', () => socket.write('+PONG\r\n\r\n'));
    });
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
    const { recorders } = await drive(options(urlOf(tcp)));
    tcp.close();
    expect([...(recorders[0]?.failures.keys() ?? [])]).toEqual([
      "protocol: expected an HTTP/1.1 response, found '+PONG'",
    ]);
  });

  test('tells that nobody listens', async () => {
    const { recorders } = await drive(options(new URL(`http://127.0.0.1:${await freePort()}`)));
    expect(recorders[0]?.failed).toBe(40);
    expect([...(recorders[0]?.failures.keys() ?? [])][0]).toMatch(/^connect: .*ECONNREFUSED/);
  });

  test('does not count its warm-up', async () => {
    let requests = 0;
    const url = await serve((_, response) => {
      requests++;
      response.end('{}');
    });
    const { recorders, generator } = await drive(options(url, { warmUpSeconds: 0.1 }));
    expect([recorders[0]?.offered, generator.sent, requests]).toEqual([40, 55, 55]);
  });

  test('divides the requests among targets by their weights', async () => {
    const seen = new Map<string, number>();
    const url = await serve(({ url: path = '' }, response) => {
      seen.set(path, (seen.get(path) ?? 0) + 1);
      response.end('{}');
    });
    const targets = [target(url, 'a', 3), target(url, 'b', 1)];
    const stretches = [{ seconds: 0.2, fromQps: 1000, toQps: 1000 }];
    const { recorders } = await drive(options(url, { targets, stretches }));
    expect(recorders.map(({ offered }) => offered)).toEqual([seen.get('/a'), seen.get('/b')]);
    // 200 draws: 150 expected, a standard deviation of 6
    expect(Math.abs((seen.get('/a') ?? 0) - 150)).toBeLessThan(30);
  });

  test('ends early when it is told to, with what it has', async () => {
    const url = await serve((_, response) => response.end('{}'));
    const controller = new AbortController();
    const { recorders, measuredSeconds } = await drive(
      options(url, {
        stretches: [{ seconds: 3600, fromQps: 200, toQps: 200 }],
        signal: controller.signal,
        onSecond: ({ recorders: [recorder] }) => {
          if (recorder !== undefined && recorder.answered > 0) controller.abort();
        },
      }),
    );
    expect(measuredSeconds).toBeLessThan(1800);
    expect(recorders[0]?.answered).toBe(recorders[0]?.offered);
    expect(Math.max(...(recorders[0]?.points ?? []).map(({ answeredQps }) => answeredQps))).toBeGreaterThan(0);
  });
});
