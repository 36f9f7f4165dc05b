import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { INVALIDATION_CHANNEL } from '../../service/cache/invalidation';
import { ModelFolder } from '../support/model-folder';
import { RedisServer } from '../support/redis-server';
import { errorOf, eventually, post, send } from '../support/requests';
import { runHeadroom, type ServiceProcess, startService } from '../support/service-process';

const folder = new ModelFolder().add('add');
afterAll(() => folder.delete());

let redis: RedisServer;
let services: ServiceProcess[] = [];
let counter = 0;

beforeEach(async () => {
  redis = await RedisServer.start();
});
afterEach(async () => {
  redis.resume();
  await Promise.all(services.map((service) => service.stop()));
  services = [];
  await redis.stop();
});

async function start(...flags: string[]): Promise<ServiceProcess> {
  const service = await startService(['--models', folder.path, '--redis', redis.url, ...flags]);
  services.push(service);
  return service;
}

/** A row of its own for each value. */
function body(value: number) {
  const tensor = (name: string, data: number[]) => ({ name, shape: [1, 3], datatype: 'FP32', data });
  return { inputs: [tensor('a', [value, 2, 3]), tensor('b', [1, 1, 1])] };
}

function infer({ url }: ServiceProcess, value: number) {
  return post(`${url}/v2/models/add/infer`, body(value));
}

async function outcome(service: ServiceProcess, value: number): Promise<string | null> {
  return (await infer(service, value)).headers.get('x-headroom-cache');
}

/**
 * Waits until a replica hears of invalidations and its rows are kept in Redis.
 * @param ask for a row that it was not asked for before
 * @returns how many rows it was asked for
 */
async function untilRowsAreShared({ adminUrl }: ServiceProcess, ask: () => Promise<unknown>): Promise<number> {
  await eventually(
    async () => String(await redis.call('PUBSUB', 'NUMSUB', INVALIDATION_CHANNEL)),
    (listeners) => listeners.endsWith(`,${services.length}`),
  );
  let asked = 0;
  const writes = async () => Object((await send(`${adminUrl}/v1/cache`)).json).layers[1].writes;
  await eventually(
    async () => {
      asked++;
      await ask();
      return writes();
    },
    ({ written }) => written > 0,
  );
  await eventually(writes, ({ written, error, dropped }) => written + error + dropped === asked);
  return asked;
}

/** Rows that a replica has kept in its memory so far. */
async function keptInMemory({ adminUrl }: ServiceProcess): Promise<number> {
  const { text } = await send(`${adminUrl}/metrics`);
  const [, count] =
    text.match(/^cache_writes_total\{cache="prediction",layer="memory",outcome="written"\} (\d+)$/m) ?? [];
  return Number(count);
}

/**
 * A value that both hold in memory. A replica that reads a row before Redis has told it of the write answers from it,
 * but does not keep it.
 */
async function heldByBoth(first: ServiceProcess, second: ServiceProcess): Promise<number> {
  const { fresh } = await eventually(
    async () => {
      const fresh = ++counter;
      await infer(first, fresh);
      const before = await keptInMemory(second);
      const found = await outcome(second, fresh);
      return { fresh, found, kept: (await keptInMemory(second)) - before };
    },
    ({ found, kept }) => found === 'hit' && kept === 1,
  );
  return fresh;
}

describe('replicas that share a Redis', () => {
  test('answer from what the other has run', async () => {
    const [first, second] = [await start(), await start()];
    expect(await heldByBoth(first, second)).toBeGreaterThan(0);
  });

  test.each([
    ['a model', '/v1/cache/models/add/invalidate', () => undefined],
    ['a row', '/v1/cache/models/add/rows/invalidate', body],
  ])('forget %s on a word to one of them', async (_, path, bodyOf) => {
    const [first, second] = [await start(), await start()];
    const value = await heldByBoth(first, second);
    const { status, json } = await post(first.adminUrl + path, bodyOf(value) ?? '');
    expect([status, json]).toEqual([
      200,
      { model: 'add', scope: expect.any(String), removedShared: expect.any(Number) },
    ]);
    await eventually(
      () => outcome(second, value),
      (found) => found === 'miss',
    );
  });

  test('forget a row whichever outputs it was asked for', async () => {
    const service = await start();
    const asked = { ...body(5), outputs: [{ name: 'sum' }] };
    const ask = async () => (await post(`${service.url}/v2/models/add/infer`, asked)).headers.get('x-headroom-cache');
    await eventually(ask, (found) => found === 'hit');
    await post(`${service.adminUrl}/v1/cache/models/add/rows/invalidate`, body(5));
    expect(await ask()).toBe('miss');
  });

  test('tell what the layers did', async () => {
    const [first, second] = [await start(), await start()];
    await heldByBoth(first, second);
    const { json } = await send(`${second.adminUrl}/v1/cache`);
    expect(json).toMatchObject({
      layers: [
        { layer: 'memory', available: true, writes: { written: expect.any(Number) } },
        { layer: 'redis', available: true, lookups: { hit: expect.any(Number) } },
      ],
      models: [{ name: 'add', version: '1', hitRatio: expect.any(Number), bypassed: false }],
    });
    const { text } = await send(`${second.adminUrl}/metrics`);
    expect(text).toMatch(/cache_lookups_total\{cache="prediction",layer="redis",outcome="hit"\} [1-9]/);
    expect(text).toMatch(/cache_writes_total\{cache="prediction",layer="memory",outcome="written"\} [1-9]/);
    expect(text).toMatch(/cache_transfer_bytes_total\{cache="prediction",layer="redis",direction="read"\} [1-9]/);
    expect(text).toMatch(/cache_lookup_seconds_count\{cache="prediction",layer="redis"\} [1-9]/);
  });

  test.each([
    ['a model that is not here', '/v1/cache/models/nope/invalidate', '', 404, "'nope'"],
    ['rows that cannot be read', '/v1/cache/models/add/rows/invalidate', '{"inputs":[]}', 400, "'a'"],
    ['no rows', '/v1/cache/models/add/rows/invalidate', '', 400, 'JSON'],
  ])('refuse %s', async (_, path, text, status, named) => {
    const service = await start();
    const answer = await post(service.adminUrl + path, text);
    expect([answer.status, errorOf(answer)]).toEqual([status, expect.stringContaining(named)]);
  });
});

describe('a Redis that fails under load', () => {
  /** Requests on eight lanes, each for a row of its own, until the returned function is called; it gives the statuses. */
  const load = (service: ServiceProcess): (() => Promise<Set<number>>) => {
    const statuses = new Set<number>();
    let stopped = false;
    const lane = async (): Promise<void> => {
      while (!stopped) statuses.add((await infer(service, ++counter)).status);
    };
    const lanes = Promise.all(Array.from({ length: 8 }, lane));
    return async () => {
      stopped = true;
      await lanes;
      return statuses;
    };
  };
  const isAvailable = async ({ adminUrl }: ServiceProcess) =>
    Object((await send(`${adminUrl}/v1/cache`)).json).layers[1].available === true;

  test.each([
    ['is killed', () => redis.kill(), () => redis.restart()],
    ['stalls', () => redis.stall(), () => redis.resume()],
  ])('no request fails when it %s, nor when it is back', async (_, fail, mend) => {
    const service = await start();
    const stop = load(service);
    await fail();
    await eventually(
      () => isAvailable(service),
      (available) => !available,
    );
    // The service stays alive and ready: Redis is no part of either.
    expect((await send(`${service.url}/v2/health/ready`)).status).toBe(200);
    expect((await send(`${service.url}/v2/health/live`)).status).toBe(200);
    await mend();
    await eventually(
      () => isAvailable(service),
      (available) => available,
    );
    expect(await stop()).toEqual(new Set([200]));
  });

  test('a service starts and becomes ready without it', async () => {
    await redis.kill();
    const service = await start();
    expect([(await send(`${service.url}/v2/health/ready`)).status, (await infer(service, 1)).status]).toEqual([
      200, 200,
    ]);
  });

  test('a service ends in time while it stalls', async () => {
    const service = await start();
    redis.stall();
    await infer(service, ++counter);
    expect(await service.stop()).toBe(0);
  });

  test('an invalidation that cannot reach the others says so', async () => {
    const service = await start();
    await redis.kill();
    const answer = await post(`${service.adminUrl}/v1/cache/models/add/invalidate`, '');
    expect([answer.status, errorOf(answer), answer.headers.get('retry-after')]).toEqual([
      503,
      expect.stringContaining('only this replica has forgotten'),
      '1',
    ]);
  });
});

describe('headroom cache', () => {
  const directory = mkdtempSync(join(tmpdir(), 'headroom-warm-'));
  const requests = join(directory, 'requests.jsonl');
  afterAll(() => rmSync(directory, { recursive: true }));

  test('warm fills the cache, stats shows it, invalidate empties it', async () => {
    const service = await start();
    const { url, adminUrl } = service;
    const asked = await untilRowsAreShared(service, () => infer(service, ++counter));
    writeFileSync(requests, [1000, 1001, 1002].map((value) => JSON.stringify(body(value))).join('\n'));
    const warmed = await runHeadroom(['cache', 'warm', 'add', '--requests', requests, '--url', url]);
    expect(warmed).toEqual({ code: 0, stdout: 'now cached: 3, were cached before: 0\n', stderr: '' });
    const shown = await runHeadroom(['cache', 'stats', '--admin-url', adminUrl]);
    expect(shown.stdout).toMatch(new RegExp(`add +1 +${asked + 3} +0\\.0 % +3600 s`));
    const emptied = await runHeadroom(['cache', 'invalidate', 'add', '--admin-url', adminUrl, '--json']);
    expect(JSON.parse(emptied.stdout)).toMatchObject({ model: 'add', scope: 'model' });
    const again = await runHeadroom(['cache', 'warm', 'add', '--requests', requests, '--url', url, '--json']);
    expect(JSON.parse(again.stdout)).toEqual({ answered: { miss: 3 }, failed: [] });
  });

  test('invalidate forgets the rows of a request', async () => {
    const service = await start();
    await untilRowsAreShared(service, () => infer(service, ++counter));
    const sharedRows = async () => String(await redis.call('KEYS', 'pred:*')).split(',').length;
    const before = await sharedRows();
    await eventually(
      () => outcome(service, 2000),
      (found) => found === 'hit',
    );
    await eventually(sharedRows, (rows) => rows === before + 1);
    writeFileSync(requests, JSON.stringify(body(2000)));
    const flags = ['--rows', requests, '--admin-url', service.adminUrl];
    expect(await runHeadroom(['cache', 'invalidate', 'add', ...flags])).toEqual({
      code: 0,
      stdout: 'predictions of add are forgotten on every replica; rows removed from the shared cache: 1\n',
      stderr: '',
    });
    expect(await outcome(service, 2000)).toBe('miss');
  });

  test('invalidate forgets what was predicted for an entity', async () => {
    const service = await startService(['--redis', redis.url]);
    services.push(service);
    const ask = async (entity: string) => {
      const { headers } = await send(`${service.url}/v1/models/recommendations/entities/${entity}`);
      return [headers.get('x-headroom-cache'), headers.get('x-headroom-features')];
    };
    await untilRowsAreShared(service, () => {
      const features = { name: 'features', shape: [1, 13], datatype: 'FP32', data: new Array(13).fill(++counter) };
      return post(`${service.url}/v2/models/fraud-detection/infer`, { inputs: [features] });
    });
    const isHeld = ([found, features]: unknown[]) => found === 'hit' && features === 'cached=1';
    await eventually(() => ask('user_42'), isHeld);
    await eventually(() => ask('user_7'), isHeld);
    const flags = ['--entity', 'user_42', '--admin-url', service.adminUrl];
    expect((await runHeadroom(['cache', 'invalidate', 'recommendations', ...flags])).code).toBe(0);
    expect([await ask('user_42'), await ask('user_7')]).toEqual([
      ['miss', 'fetched=1'],
      ['hit', 'cached=1'],
    ]);
  });

  test('warm names the lines that fail, and exits with 1', async () => {
    const { url } = await start();
    writeFileSync(requests, `${JSON.stringify(body(1))}\n{"inputs": []}\n`);
    const { code, stdout } = await runHeadroom(['cache', 'warm', 'add', '--requests', requests, '--url', url]);
    expect([code, stdout]).toEqual([1, expect.stringContaining(`${requests}:2: 400: `)]);
  });

  test.each([
    [['invalidate'], "error: missing required argument 'model'\n"],
    [
      ['stats', '--admin-url', 'http://127.0.0.1:9'],
      "error: --admin-url is 'http://127.0.0.1:9', where no service answers",
    ],
    [
      ['stats', '--admin-url', 'localhost'],
      "error: --admin-url is 'localhost', expected one such as http://127.0.0.1:8002\n",
    ],
    [
      ['invalidate', 'add', '--url', 'http://127.0.0.1:8000'],
      'error: --url is the inference port of a service, but this command asks its administration port: --admin-url, by default http://127.0.0.1:8002\n',
    ],
    [
      ['warm', 'add', '--requests', 'r.jsonl', '--admin-url', 'http://127.0.0.1:8002'],
      'error: --admin-url is the administration port of a service, but this command asks its inference port: --url, by default http://127.0.0.1:8000\n',
    ],
    [['warm', 'add', '--requests', '/does/not/exist'], "error: --requests is '/does/not/exist', which cannot be read"],
    [['invalidate', 'add', '--entity', 'a', '--rows', 'b'], 'error: --entity and --rows are both given'],
  ])('%j is refused with exit code 2', async (argv, sentence) => {
    const { code, stderr } = await runHeadroom(['cache', ...argv]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(sentence)]);
  });

  test('an address of Redis that is none is refused before anything starts', async () => {
    const { code, stderr } = await runHeadroom(['serve', '--redis', 'cache:6379']);
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('error: --redis is not an address of Redis, allowed: '),
    ]);
  });
});
