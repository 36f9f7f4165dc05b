import { once } from 'node:events';
import { Agent, get as httpGet } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { ModelFolder } from '../support/model-folder';
import { eventually, post, send } from '../support/requests';
import { runHeadroom, type ServiceProcess, startService } from '../support/service-process';

const SLOW_REQUEST = {
  inputs: [{ name: 'x', shape: [1, 64], datatype: 'FP32', data: new Array(64).fill(0.1) }],
  outputs: [{ name: 'y' }],
};

describe('start, stop and overload', () => {
  let service: ServiceProcess | undefined;
  const folder = new ModelFolder().add('slow');
  afterAll(() => folder.delete());

  afterEach(async () => {
    service?.signal('SIGKILL');
    await service?.exited;
    service = undefined;
  });

  const startSlow = async (...flags: string[]): Promise<ServiceProcess> => {
    service = await startService(['--models', folder.path, '--cache-mib', '0', '--workers', '1', ...flags]);
    return service;
  };
  const infer = ({ url }: ServiceProcess, headers?: Record<string, string>) =>
    post(`${url}/v2/models/slow/infer`, SLOW_REQUEST, headers);
  const hasty = (running: ServiceProcess) => infer(running, { 'x-request-timeout-ms': '5' });

  test('a model that takes long runs in a worker', async () => {
    const { announcement } = await startSlow();
    expect(announcement.models[0]?.executor).toBe('worker');
  });

  test('SIGTERM lets the requests in flight end, and the process ends with 0', async () => {
    const running = await startSlow();
    // GIVEN requests that wait for a slow model
    const answers = Array.from({ length: 20 }, () => infer(running));
    await eventually(
      () => send(`${running.adminUrl}/metrics`),
      ({ text }) => /prediction_stage_seconds_count\{.*stage="decode"\} 20$/m.test(text),
    );
    // WHEN it is told to stop
    const code = running.stop();
    // THEN each of them is answered
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(new Array(20).fill(200));
    expect(await code).toBe(0);
  });

  test('callers on kept connections are told to leave, and none loses a request', async () => {
    const running = await startSlow();
    const agent = new Agent({ keepAlive: true, maxSockets: 8 });
    // GIVEN callers that ask again as soon as they have an answer, until one ends their connection
    const statuses: number[][] = Array.from({ length: 8 }, () => []);
    const lane = async (own: number[]): Promise<void> => {
      for (;;) {
        const { status, isLast } = await get(`${running.url}/v2/models/slow`, agent);
        own.push(status);
        if (isLast) return;
      }
    };
    const lanes = statuses.map(lane);
    // WHEN the service is told to stop in the midst of it
    await eventually(
      async () => statuses.map(({ length }) => length),
      (counts) => Math.min(...counts) >= 20,
    );
    const code = running.stop();
    // THEN every request had its answer
    await Promise.all(lanes);
    expect(new Set(statuses.flat())).toEqual(new Set([200]));
    expect(await code).toBe(0);
  });

  test('connections on which nobody has said anything do not keep it', async () => {
    const running = await startSlow();
    // GIVEN a connection to each port that sends nothing
    const silent = await Promise.all([running.url, running.adminUrl].map((url) => open(url)));
    // WHEN it is told to stop
    const code = await running.stop();
    // THEN it ends with 0, and they are closed
    expect(code).toBe(0);
    for (const socket of silent) socket.destroy();
  });

  test('a request that never becomes whole keeps it for the drain timeout, and then it ends with 1', async () => {
    const running = await startSlow('--drain-timeout-ms', '1000');
    const socket = await open(running.url);
    socket.on('error', () => {});
    socket.write('POST /v2/models/slow/infer HTTP/1.1\r\nhost: x\r\n');
    expect(await running.stop()).toBe(1);
    socket.destroy();
  });

  test('between SIGTERM and the end it is not ready but still answers', async () => {
    const running = await startSlow('--pre-stop-ms', '600000');
    running.signal('SIGTERM');
    await eventually(
      () => send(`${running.url}/v2/health/ready`),
      ({ status }) => status === 503,
    );
    expect((await infer(running)).status).toBe(200);
    expect((await send(`${running.url}/v2/health/live`)).status).toBe(200);
  });

  test('a process whose memory has grown beyond its limit retires by itself with 0', async () => {
    const running = await startSlow('--memory-limit-mib', '64');
    expect(await running.exited).toBe(0);
    await eventually(
      async () => running.log(),
      (log) => log.includes('memory has grown beyond its limit'),
    );
  });

  test('a request that cannot meet its deadline is refused at once, with the time to come back', async () => {
    const running = await startSlow();
    // GIVEN more work than fits into the deadline
    const waiting = Array.from({ length: 60 }, () => infer(running));
    const refused = await eventually(
      () => hasty(running),
      ({ status }) => status === 503,
    );
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    await Promise.all(waiting);
  });

  test('a full queue refuses with 503 and the rest is served', async () => {
    const running = await startSlow('--queue-rows', '4');
    const answers = await Promise.all(Array.from({ length: 40 }, () => infer(running)));
    const statuses = new Set(answers.map(({ status }) => status));
    expect(statuses).toEqual(new Set([200, 503]));
  });

  test('a port in use is told in one sentence', async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) =>
      server.listen(0, '127.0.0.1', () => resolve(Object(server.address()).port)),
    );
    const { code, stderr } = await runHeadroom(['serve', '--http-port', String(port), '--log-level', 'silent']);
    server.close();
    expect([code, stderr]).toEqual([
      2,
      `error: cannot listen on 127.0.0.1:${port}: another program does; choose another port\n`,
    ]);
  });

  test.each([
    [['serve', '--http-port', 'x'], "error: --http-port is 'x', but must be a whole number from 0 to 65535\n"],
    [['serve', '--nonsense'], "error: unknown option '--nonsense'\n"],
    [['sevre'], "error: unknown command 'sevre'\n(Did you mean serve?)\n"],
  ])('%j is refused with exit code 2', async (argv, sentence) => {
    expect(await runHeadroom(argv)).toEqual({ code: 2, stdout: '', stderr: sentence });
  });

  test('a GPU that is not there is told at the start', async () => {
    const { code, stdout, stderr } = await runHeadroom(['serve', '--provider', 'cuda', '--log-level', 'silent']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^error: --provider is 'cuda', but models cannot run on it here: .*GPU image and a GPU$/m);
  });

  test('a model folder that does not exist is told in one sentence', async () => {
    const { code, stderr } = await runHeadroom([
      'serve',
      '--models',
      '/does/not/exist',
      '--http-port',
      '0',
      '--admin-port',
      '0',
      '--log-level',
      'silent',
    ]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^error: .*\/does\/not\/exist.*\n$/)]);
  });
});

/** A GET over the connections of `agent`; `isLast` where the answer ends its connection. */
/** A connection that has been accepted. */
async function open(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

function get(url: string, agent: Agent): Promise<{ status: number; isLast: boolean }> {
  return new Promise((resolve, reject) => {
    httpGet(url, { agent }, (response) => {
      response.resume().once('end', () => {
        resolve({ status: response.statusCode ?? 0, isLast: response.headers.connection === 'close' });
      });
    }).once('error', reject);
  });
}
