import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as streamText } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { profileOf } from '../../cli/load/capacity/profiles';
import type { CapacityReport } from '../../cli/load/capacity/report';
import { parseSlo } from '../../cli/load/measure/slo';
import type { LoadReport } from '../../cli/load/report';
import { post } from '../support/requests';
import { BUNDLE, ROOT, runHeadroom, type ServiceProcess, startService } from '../support/service-process';

/** A run as short as it can be. */
const SHORT = ['--duration', '0.5', '--warm-up', '0', '--rate', '60', '--arrivals', 'constant'];
/** So that a busy machine makes the service slow, and lets it refuse nothing. */
const PATIENT = ['--timeout-ms', '60000', '--header', 'x-request-timeout-ms: 60000'];
/** No machine is too slow for it. */
const EASY_SLO = 'p50=60000,lost=99%';

describe('headroom load against a running service', () => {
  let service: ServiceProcess;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'headroom-load-'));
    service = await startService();
  });
  afterAll(async () => {
    await service.stop();
    rmSync(folder, { recursive: true });
  });

  /** Runs it in the folder of the bundled spec, with reports in the test's own. */
  async function load(...args: string[]): Promise<{ report: LoadReport; code: number | null; stderr: string }> {
    const { stdout, stderr, code } = await runHeadroom(
      ['load', service.url, ...SHORT, ...PATIENT, '--out', join(folder, 'report.json'), '--json', ...args],
      ROOT,
    );
    return { report: stdout === '' ? undefined : JSON.parse(stdout), code, stderr };
  }

  test('asks each model of the spec in proportion to its peak, every request for something else', async () => {
    // GIVEN a service that has forgotten what other tests asked for: each run of a load begins with the same inputs
    await post(`${service.adminUrl}/v1/cache/models/fraud-detection/invalidate`, '');
    const { report, code } = await load('--rate', '120', '--duration', '1');
    expect(code).toBe(0);
    expect(report.targets.map(({ name }) => name)).toEqual([
      'fraud-detection',
      'search-ranking',
      'recommendations',
      'image-classification',
    ]);
    for (const target of report.targets) {
      expect(target).toMatchObject({ failed: 0, tooMany: 0, digest: expect.stringMatching(/^[0-9a-f]{64}$/) });
      expect(target.distinctInputs).toBeGreaterThan(1e6);
    }
    // Only those with which the target was tried first are known to the cache.
    expect(report.targets[0]?.cacheHitRatio).toBeLessThan(0.2);
  });

  test('answers most requests for hot inputs from the cache', async () => {
    // One after the other: an input that is still running is no hit.
    const hot = ['--keys', '5', '--zipf', '1', '--connections', '1'];
    const { report } = await load('--model', 'fraud-detection', ...hot);
    const [target] = report.targets;
    expect(target?.distinctInputs).toBe(5);
    expect(target?.cacheHitRatio).toBeGreaterThan(0.5);
  });

  test('tells CPU and memory of the service, from its metrics', async () => {
    const { report } = await load('--model', 'fraud-detection', '--admin-url', service.adminUrl);
    expect(report.service?.cpuSeconds).toBeGreaterThan(0);
    expect(report.service?.memoryBytes).toBeGreaterThan(2 ** 20);
  });

  test('ends with 0 where the SLO holds and with 1 where it does not', async () => {
    expect((await load('--model', 'fraud-detection', '--slo', EASY_SLO)).code).toBe(0);
    const { code, report } = await load('--model', 'fraud-detection', '--slo', 'p50=0.001');
    expect([code, report.holds]).toEqual([1, false]);
  });

  test('writes a report, and a page that needs nothing else', async () => {
    const page = join(folder, 'page.html');
    const { report } = await load('--model', 'fraud-detection', '--html', page, '--duration', '2');
    expect(JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'))).toEqual(report);
    const html = readFileSync(page, 'utf8');
    expect(html.match(/<svg/g)).toHaveLength(5);
    expect(html).not.toMatch(/(src|href)=|https?:\/\/(?!127)|<script|NaN|undefined/);
  });

  test('takes rows, a body of one’s own, compression and headers', async () => {
    const body = join(folder, 'body.json');
    writeFileSync(body, '{"inputs":[{"name":"image","shape":[1,1,28,28],"datatype":"FP32","data":[]}]}');
    expect(
      (await load('--model', 'fraud-detection', '--rows', '8', '--gzip', '--header', 'x-request-id: a')).report
        .targets[0],
    ).toMatchObject({ failed: 0, answered: 30 });
    const { code, stderr } = await load('--model', 'image-classification', '--body', body);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: image-classification answers the first request with 400: .*\n$/);
  });

  test('loads the address of an entity, with its number in the path', async () => {
    const { code, stdout, stderr } = await runHeadroom([
      ...['load', `${service.url}/v1/models/recommendations/entities/user_{{key}}`, ...SHORT, '--keys', '50', '--json'],
      ...[...PATIENT, '--out', join(folder, 'entities.json')],
    ]);
    expect(code === 0 ? '' : stderr).toBe('');
    const report: LoadReport = JSON.parse(stdout);
    expect(report.targets[0]).toMatchObject({ answered: 30, failed: 0 });
  });
});

describe('headroom load on a gateway', () => {
  const KEY = 'x-api-key: secret';
  let gateway: Server;
  let asked: string[];
  let folder: string;

  beforeEach(async () => {
    asked = [];
    folder = mkdtempSync(join(tmpdir(), 'headroom-gateway-'));
    // GIVEN a gateway that wants a key and keeps the index of the models to itself
    gateway = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      const allowed = request.headers['x-api-key'] === 'secret' && request.url !== '/v2/repository/index';
      request.resume().on('end', () => response.writeHead(allowed ? 200 : 403).end('{}'));
    });
    await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => {
    gateway.closeAllConnections();
    gateway.close();
    rmSync(folder, { recursive: true });
  });

  const url = () => {
    const address = gateway.address();
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : address}`;
  };
  const run = (...args: string[]) => runHeadroom(['load', url(), ...SHORT, '--model', 'fraud-detection', ...args]);

  test('shows the key with every question, and asks for the models that are named', async () => {
    const { code, stdout } = await run('--header', KEY, '--json', '--out', join(folder, 'report.json'));
    const report: LoadReport = JSON.parse(stdout);
    expect([code, report.targets[0]]).toEqual([0, expect.objectContaining({ answered: 30, failed: 0 })]);
  });

  test('wants the models named where nothing does', async () => {
    const { code, stderr } = await runHeadroom(['load', url(), '--header', KEY], folder);
    expect(code).toBe(2);
    expect(stderr).toMatch(/does not list its models \(403: it gives no reason\): name them by --model, or their spec/);
  });

  test('ends with 1 where no request is answered', async () => {
    // GIVEN a gateway that withdraws the key after the first request
    let left = 1;
    gateway.prependListener('request', (request) => {
      if (--left < 0) request.headers['x-api-key'] = 'withdrawn';
    });
    const out = ['--out', join(folder, 'report.json')];
    const { code, stdout } = await runHeadroom(['load', `${url()}/x`, ...SHORT, '--header', KEY, ...out]);
    expect([code, stdout]).toEqual([1, expect.stringMatching(/WARNING: no request was answered/)]);
  });

  test('that an interrupt ends tells what was measured, and ends with 130', async () => {
    const child = spawn(process.execPath, [
      ...[BUNDLE, 'load', `${url()}/x`, '--header', KEY, '--duration', '600', '--slo', 'p95=60000', '--json'],
      ...['--warm-up', '0', '--out', join(folder, 'report.json')],
    ]);
    const text = streamText(child.stdout);
    const exited = once(child, 'exit');
    while (asked.length < 50) await setTimeout(50);
    child.kill('SIGINT');
    const [code] = await exited;
    const { traffic, holds }: LoadReport = JSON.parse(await text);
    expect([code, holds, traffic]).toEqual([
      130,
      undefined,
      expect.stringMatching(/ for 10 min, stopped after [\d.]+ s$/),
    ]);
  });
});

describe('headroom load --local', () => {
  test.each([
    ['SIGINT', [130, null]],
    ['SIGTERM', [143, null]],
    ['SIGHUP', [null, 'SIGHUP']],
  ] as const)('ends the service with it on %s', async (signal, end) => {
    const folder = mkdtempSync(join(tmpdir(), 'headroom-load-'));
    const args = ['load', '--local', '--duration', '600', '--out', join(folder, 'report.json')];
    const child = spawn(process.execPath, [BUNDLE, ...args], { cwd: ROOT });
    const exited = once(child, 'exit');
    let service = 0;
    while (service === 0) {
      await setTimeout(100);
      const { stdout } = spawnSync('ps', ['-o', 'pid=,args=', '--ppid', String(child.pid)], { encoding: 'utf8' });
      service = Number(/^ *(\d+) .* serve /m.exec(stdout)?.[1] ?? 0);
    }
    child.kill(signal);
    expect(await exited).toEqual(end);
    expect(() => process.kill(service, 0)).toThrow(/ESRCH/);
    rmSync(folder, { recursive: true });
  });
});

describe('headroom load --local --find-capacity', () => {
  test('measures all that a profile states, and keeps the earlier one where the highest rate tried was no limit', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'headroom-capacity-'));
    try {
      // GIVEN a profile
      const file = join(folder, 'profiles', 'fraud-detection.json');
      mkdirSync(join(folder, 'profiles'));
      writeFileSync(file, 'measured before');
      // WHEN the capacity of a bundled model is looked for, no further than the slowest machine goes
      const { stdout, stderr, code } = await runHeadroom(
        [
          ...['load', '--local', '--model', 'fraud-detection', '--find-capacity', '--json'],
          ...['--max-rate', '40', '--step-seconds', '0.3', '--warm-up', '0.1', '--slo', 'p95=60000', ...PATIENT],
        ],
        folder,
      );
      // THEN it is at least that, which is no capacity to plan with
      expect([code, stderr.split('\n').filter((line) => line.startsWith('error'))]).toEqual([0, []]);
      const report: CapacityReport = JSON.parse(stdout);
      expect(report.models).toMatchObject([{ name: 'fraud-detection', capacityQps: 40, limitedBy: 'max-rate' }]);
      expect(report.warnings).toEqual([expect.stringMatching(/^no profile of fraud-detection: .*--max-rate$/)]);
      expect(readFileSync(file, 'utf8')).toBe('measured before');
      // AND where it is the limit, a profile can be made of it
      const [model] = report.models;
      expect(model && profileOf({ ...model, limitedBy: undefined }, parseSlo('p95=60000'), report)).toMatchObject({
        profile: { capacityQps: 40, slo: { p95Ms: 60_000 } },
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
