import { createReadStream, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { HttpClient } from '../../../../service/repository/artifacts/http-client';

describe('a file that is sent is closed when its server', () => {
  let directory: string;
  let path: string;
  let server: Server | undefined;
  const client = new HttpClient();

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'headroom-upload-'));
    path = join(directory, 'large');
    writeFileSync(path, '');
    truncateSync(path, 256 * 2 ** 20);
  });
  afterEach(() => {
    client.close();
    server?.closeAllConnections();
    server?.close();
    rmSync(directory, { recursive: true });
  });

  test.each<[string, RequestListener]>([
    ['breaks off', (request) => request.socket.destroy()],
    ['refuses it before its end', (_, response) => response.writeHead(403, { connection: 'close' }).end()],
  ])('%s', async (_, listener) => {
    // GIVEN
    server = createServer(listener);
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const body = createReadStream(path);
    const closed = new Promise<void>((resolve) => body.once('close', resolve));
    body.on('error', () => {});
    // WHEN
    const { signal } = new AbortController();
    const url = new URL(`http://127.0.0.1:${port}/large`);
    const sent = client.send({ method: 'PUT', url, headers: {}, body, followsRedirects: false, signal });
    await sent.then(
      (answer) => answer.body.resume(),
      () => {},
    );
    // THEN
    await closed;
    expect(body.destroyed).toBe(true);
  });
});
