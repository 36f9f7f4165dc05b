import { median } from '../cli/statistics';
import { RedisServer } from '../test/support/redis-server';
import { eventually, post, send } from '../test/support/requests';
import type { Figure } from './support/figures';
import type { LoadResult } from './support/load-client';
import { compare } from './support/paired';
import { measure, type ServerProcess, startBareFastify, startHeadroom } from './support/processes';

const PATH = '/v2/models/fraud-detection/infer';
const FEATURES = [12, 0, 36, 44, 1, 0, 0, 60, 0, 6000, 0, 700, 1450];
/** The feature that tells rows apart; FP32 tells integers apart up to 2^24. */
const COUNTED = 8;
const FIRST = 10_000_000;
/** A row whose counted feature is FIRST plus a counter. */
const DISTINCT = bodyOf([FIRST]).replace(String(FIRST), '1#######');
const SAME = bodyOf([FIRST]);

const CONNECTIONS = 64;
/** Tails vary much. */
const STALL_ROUNDS = 7;
/** More rows than a pass asks for. */
const GROUP_ROWS = 36_000;
const WARM_UP_GROUP = 0;
const MEASURED_GROUPS = [1, 2, 3];
const GROUPS = 1 + MEASURED_GROUPS.length;
const ROUND_MS = 1000;
const ROWS_PER_REQUEST = 500;
const MAX_SHARE_OF_OTHERS = 0.02;

/** The prediction cache with a Redis behind it, against a bare Fastify, against no cache, and against its own memory. */
export async function measureRedisCache(): Promise<Figure[]> {
  const redis = await RedisServer.start();
  const cached = await startHeadroom(['--redis', redis.url]);
  const uncached = await startHeadroom(['--cache-mib', '0']);
  try {
    return [
      await measureMemoryHits(cached),
      await measureUniqueInputs(cached, uncached),
      ...(await measureBesideFullRedis(redis)),
    ];
  } finally {
    await Promise.all([cached.stop(), uncached.stop()]);
    await redis.stop();
  }
}

async function measureBesideFullRedis(redis: RedisServer): Promise<Figure[]> {
  await fill(redis);
  return [await measureRedisHits(redis), ...(await measureStall(redis))];
}

async function measureMemoryHits(cached: ServerProcess): Promise<Figure> {
  const bare = await startBareFastify();
  const pair = await compare(
    { server: cached, path: PATH, body: SAME },
    { server: bare, path: '/', body: SAME },
    CONNECTIONS,
  );
  await bare.stop();
  return {
    name: `hit in memory with Redis behind it, ${CONNECTIONS} connections`,
    value: pair.throughputRatio,
    unit: ' × bare',
    goal: { atLeast: 0.9 },
    detail: rates(pair.ours, pair.bare),
  };
}

async function measureUniqueInputs(cached: ServerProcess, uncached: ServerProcess): Promise<Figure> {
  const pair = await compare(
    { server: cached, path: PATH, body: DISTINCT },
    { server: uncached, path: PATH, body: DISTINCT },
    CONNECTIONS,
  );
  return {
    name: `unique inputs with memory and Redis, ${CONNECTIONS} connections`,
    value: pair.throughputRatio,
    unit: ' × cache off',
    goal: { atLeast: 0.95 },
    detail: rates(pair.ours, pair.bare),
  };
}

/** A replica that starts empty beside a full Redis: its first pass over a group of rows hits there, the second in memory. */
async function measureRedisHits(redis: RedisServer): Promise<Figure> {
  const replica = await startHeadroom(['--redis', redis.url]);
  // A process that has just started is not to be measured against one that runs well.
  for (let time = 0; time < 2; time++) await pass(replica, WARM_UP_GROUP);
  const addedMs: number[] = [];
  const rounds: string[] = [];
  for (const group of MEASURED_GROUPS) {
    const fromRedis = await pass(replica, group);
    await expectHitsInRedis(replica);
    const fromMemory = await pass(replica, group);
    addedMs.push(fromRedis.p50Ms - fromMemory.p50Ms);
    rounds.push(`${fromRedis.p50Ms.toFixed(2)} against ${fromMemory.p50Ms.toFixed(2)}`);
  }
  await replica.stop();
  return {
    name: `hit in Redis, added to p50, ${CONNECTIONS} connections`,
    value: median(addedMs),
    unit: ' ms',
    goal: { atMost: 0.5 },
    detail: `rounds: ${rounds.join(', ')} ms`,
  };
}

/** Redis stops answering under load: nothing fails, and the tail is soon what it is without a cache. */
async function measureStall(redis: RedisServer): Promise<Figure[]> {
  const ratios: number[] = [];
  let failures = 0;
  const rounds: string[] = [];
  for (let round = 0; round < STALL_ROUNDS; round++) {
    const replica = await startHeadroom(['--redis', redis.url]);
    // As young as the replica: a process that has just started has a longer tail than one that runs for long.
    const uncached = await startHeadroom(['--cache-mib', '0']);
    await pass(uncached, 0);
    setTimeout(() => redis.stall(), ROUND_MS / 2);
    const during = await pass(replica, 0);
    // Its own warm-up and the start of its process come first, some half a second behind the stall.
    const after = await pass(replica, 1);
    redis.resume();
    const without = await pass(uncached, 1);
    await Promise.all([replica.stop(), uncached.stop()]);
    failures += during.failures + after.failures;
    ratios.push(after.p99Ms / without.p99Ms);
    rounds.push(`${after.p99Ms.toFixed(1)} against ${without.p99Ms.toFixed(1)}`);
  }
  return [
    { name: 'Redis stalls under load, failed requests', value: failures, unit: '', goal: { atMost: 0 }, detail: '' },
    {
      name: 'Redis stalls under load, p99 within a second',
      value: median(ratios),
      unit: ' × cache off',
      goal: { atMost: 1.5 },
      detail: `rounds: ${rounds.join(', ')} ms`,
    },
  ];
}

/**
 * Fills a Redis with all groups of rows. Two replicas do it in turn: each asks half of the rows first and finds the other
 * half there, because a cache that never hits is no longer written to.
 */
async function fill(redis: RedisServer): Promise<void> {
  const writers = [await startHeadroom(['--redis', redis.url]), await startHeadroom(['--redis', redis.url])];
  for (let count = 0; count < GROUPS * GROUP_ROWS; count += ROWS_PER_REQUEST) {
    const rows = Array.from({ length: ROWS_PER_REQUEST }, (_, i) => FIRST + count + i);
    for (const writer of writers) await ask(writer, rows);
    writers.reverse();
  }
  await Promise.all(writers.map((writer) => writer.stop()));
}

/** Asks for rows, and waits until Redis has them. */
async function ask(replica: ServerProcess, rows: readonly number[]): Promise<void> {
  const before = await settledRows(replica);
  const { status, text } = await post(`http://127.0.0.1:${replica.port}${PATH}`, bodyOf(rows));
  if (status !== 200) throw new Error(`the rows were refused: ${text}`);
  await eventually(
    () => settledRows(replica),
    (settled) => settled === before + rows.length,
  );
}

/** Rows that a replica has found in Redis or written there. */
async function settledRows(replica: ServerProcess): Promise<number> {
  const layer = await redisLayer(replica);
  return layer('cache_lookups_total', 'hit') + layer('cache_writes_total', 'written');
}

async function expectHitsInRedis(replica: ServerProcess): Promise<void> {
  const layer = await redisLayer(replica);
  const others = ['miss', 'error', 'skipped'].map((outcome) => layer('cache_lookups_total', outcome));
  const other = others.reduce((sum, count) => sum + count, 0);
  const share = other / (other + layer('cache_lookups_total', 'hit'));
  if (share > MAX_SHARE_OF_OTHERS)
    throw new Error(`${share} of the rows were no hits in Redis, the figure is of others`);
}

/** What a replica counts of Redis in its prediction cache. */
async function redisLayer({ adminPort }: ServerProcess): Promise<(metric: string, outcome: string) => number> {
  const { text } = await send(`http://127.0.0.1:${adminPort}/metrics`);
  return (metric, outcome) => {
    const sample = `${metric}\\{cache="prediction",layer="redis",outcome="${outcome}"\\} (\\d+)`;
    return Number(text.match(sample)?.[1]);
  };
}

/** Single rows of a group, each one once. */
function pass({ port }: ServerProcess, group: number): Promise<LoadResult> {
  const firstCount = group * GROUP_ROWS;
  const options = { connections: CONNECTIONS, durationMs: ROUND_MS, warmUpMs: ROUND_MS / 4, firstCount };
  return measure({ port, path: PATH, body: DISTINCT, options });
}

function bodyOf(counted: readonly number[]): string {
  const data = counted.flatMap((value) => FEATURES.with(COUNTED, value));
  return JSON.stringify({
    inputs: [{ name: 'features', shape: [counted.length, FEATURES.length], datatype: 'FP32', data }],
  });
}

function rates(ours: { requestsPerSecond: number }, other: { requestsPerSecond: number }): string {
  const rate = (value: number) => Math.round(value).toLocaleString('en');
  return `${rate(ours.requestsPerSecond)} against ${rate(other.requestsPerSecond)} requests/s`;
}
