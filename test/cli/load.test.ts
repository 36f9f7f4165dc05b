import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { headroom } from '../support/command-line';
import { freePort } from '../support/free-port';

describe('headroom load that cannot load', () => {
  test.each([
    [[], /expected either the URL of a service, such as http:\/\/127\.0\.0\.1:8000, or --local/],
    [['http://127.0.0.1:8000', '--local'], /expected either the URL of a service/],
    [['ftp://x'], /the URL is 'ftp:\/\/x', expected one such as http:\/\/127/],
    [['--local', '--rate', '0'], /--rate is '0', expected requests\/s above 0/],
    [['--local', '--duration', '1e9'], /--duration is '1e9', expected seconds above 0, at most 86400/],
    [['--local', '--spec', 'absent.yaml'], /cannot read the spec absent\.yaml: it does not exist/],
    [['http://127.0.0.1:8000', '--header', 'x'], /--header is 'x', expected a line such as/],
    [['http://127.0.0.1:8000', '--header', 'x: a\r\ny: b'], /--header is 'x: a/],
    [['--local', '--arrivals', 'all'], /Allowed choices are poisson, constant/],
    [
      ['--local', '--find-capacity', '--slo', 'lost=1%'],
      /--slo is 'lost=1%', but a profile states the capacity at a p95/,
    ],
    [['--local', '--admin-url', 'http://127.0.0.1:8002'], /--admin-url is for a service that runs already/],
  ])('%j: one sentence and exit code 2', async (argv, message) => {
    const { code, stderr } = await headroom('load', ...argv);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  test.each([
    [['--slo', 'p95:100'], /--slo has 'p95:100', expected targets such as p95=100ms/],
    [['--zipf', '1'], /--zipf needs --keys/],
    [['--steps', '1,,2'], /--steps has '', expected rates/],
    [['--body', '/nowhere.json'], /--body is '\/nowhere\.json', which cannot be read: it does not exist/],
    [['--out', '/'], /--out: cannot write \/: it is a folder, expected a file/],
    [
      ['--html', join(__filename, 'x.html')],
      /--html: cannot write .*x\.html: a part of its path is a file and no folder/,
    ],
    [['--admin-url', 'x'], /--admin-url is 'x', expected one such as http/],
    [
      ['--find-capacity', '--rate', '5'],
      /--find-capacity finds the rates by itself, so --rate cannot be given with it/,
    ],
    [['--max-rate', '5'], /--max-rate is for --find-capacity, which is not given/],
  ])('%j: told before the service is asked', async (argv, message) => {
    // GIVEN an address where nobody answers, which would be told otherwise
    const { code, stderr } = await headroom('load', `http://127.0.0.1:${await freePort()}`, ...argv);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  describe('a server', () => {
    let server: Server | undefined;
    afterEach(() => {
      server?.close();
      server = undefined;
    });

    async function urlOf(listening: Server): Promise<string> {
      server = listening;
      await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
      const address = listening.address();
      return `http://127.0.0.1:${typeof address === 'object' ? address?.port : address}`;
    }

    test('that takes connections and is silent is waited for no longer than a request of the load', async () => {
      const url = await urlOf(createServer((socket) => socket.unref()));
      const { code, stderr } = await headroom('load', `${url}/x`, '--timeout-ms', '50');
      expect([code, stderr]).toEqual([2, expect.stringMatching(/no service answers: it does not answer in time\n$/)]);
    });

    test('that closes its connections is told so', async () => {
      const url = await urlOf(createServer((socket) => socket.once('data', () => socket.destroy())));
      const { code, stderr } = await headroom('load', `${url}/x`);
      expect([code, stderr]).toEqual([2, expect.stringMatching(/it closes the connection before it has answered\n$/)]);
    });

    test('that speaks no TLS is told so', async () => {
      const url = await urlOf(createHttpServer());
      const { stderr } = await headroom('load', `${url.replace('http:', 'https:')}/x`);
      expect(stderr).toMatch(/what answers there does not speak TLS, expected http:\/\/ in place of https:\/\/\n$/);
    });

    test('that redirects is not followed, as the load would not follow it', async () => {
      const url = await urlOf(
        createHttpServer((_, response) => response.writeHead(301, { location: 'https://elsewhere/' }).end()),
      );
      const { stderr } = await headroom('load', `${url}/x`);
      expect(stderr).toBe(
        'error: /x answers the first request with 301: it redirects to https://elsewhere/, which can be given in its place\n',
      );
    });

    test('of which a model of the spec is not ready says why', async () => {
      const index = [
        { name: 'fraud-detection', version: '1', state: 'UNAVAILABLE', reason: 'no such file' },
        { name: 'search-ranking', version: '1', state: 'READY' },
      ];
      const url = await urlOf(createHttpServer((_, response) => response.end(JSON.stringify(index))));
      const { code, stderr } = await headroom('load', url);
      expect([code, stderr]).toEqual([
        2,
        'error: fraud-detection is not ready: no such file; --model chooses among search-ranking\n',
      ]);
    });

    test('that hides its models is asked for those of the spec', async () => {
      const url = await urlOf(
        createHttpServer((_, response) => response.writeHead(403, { connection: 'close' }).end('{"error":"no key"}')),
      );
      const { stderr } = await headroom('load', url);
      expect(stderr).toMatch(/^error: fraud-detection answers the first request with 403: no key\n$/);
    });
  });

  test('tells that nobody answers at the URL', async () => {
    const port = await freePort();
    const { code, stderr } = await headroom('load', `http://127.0.0.1:${port}`);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^error: the URL is 'http:\/\/127\.0\.0\.1:\d+', where no service answers: nothing listens there\n$/,
    );
  });
});
