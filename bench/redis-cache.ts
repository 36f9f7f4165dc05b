import { median } from '../cli/statistics';
import { HEADERS } from '../lib/contract';
import { RedisServer } from '../test/support/redis-server';
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
const ROUNDS = 3;
/** Tails vary more. */
const STALL_ROUNDS = 7;
/** More rows than a round asks for. */
const ROUND_ROWS = 30_000;
const ROUND_MS = 1000;
const ROWS_PER_REQUEST = 500;

/** The prediction cache with a Redis behind it, against a bare Fastify, against no cache, and against its own memory. */
export async function measureRedisCache(): Promise<Figure[]> {
  const redis = await RedisServer.start();
  const cached = await startHeadroom(['--redis', redis.url]);
  const uncached = await startHeadroom(['--cache-mib', '0']);
  try {
    return [
      await measureMemoryHits(cached),
      await measureUniqueInputs(cached, uncached),
      await measureRedisHits(redis),
      ...(await measureStall(redis)),
    ];
  } finally {
    await Promise.all([cached.stop(), uncached.stop()]);
    await redis.stop();
  }
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

/** A replica that starts empty beside a full Redis: its first pass over the rows hits there, the second in memory. */
async function measureRedisHits(redis: RedisServer): Promise<Figure> {
  const addedMs: number[] = [];
  const rounds: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const replica = await warmReplica(redis);
    // Other rows first, so that a process that has just started is not measured against one that runs well.
    await pass(replica, ROUND_ROWS);
    const first = await pass(replica);
    const second = await pass(replica);
    await replica.stop();
    addedMs.push(first.p50Ms - second.p50Ms);
    rounds.push(`${first.p50Ms.toFixed(2)} against ${second.p50Ms.toFixed(2)}`);
  }
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
    const replica = await warmReplica(redis);
    // As young as the replica: a process that has just started has a longer tail than one that runs for long.
    const uncached = await startHeadroom(['--cache-mib', '0']);
    await pass(uncached);
    setTimeout(() => redis.stall(), ROUND_MS / 2);
    const during = await pass(replica);
    // Its own warm-up and the start of its process come first, some half a second behind the stall.
    const after = await pass(replica, ROUND_ROWS);
    redis.resume();
    const without = await pass(uncached, ROUND_ROWS);
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

/** A replica with an empty memory beside a Redis that holds all rows of two passes. */
async function warmReplica(redis: RedisServer): Promise<ServerProcess> {
  const writer = await startHeadroom(['--redis', redis.url]);
  for (let count = 0; count < 2 * ROUND_ROWS; count += ROWS_PER_REQUEST) {
    const body = bodyOf(Array.from({ length: ROWS_PER_REQUEST }, (_, i) => FIRST + count + i));
    // Twice, or the cache would notice that these rows never hit, and take no more of them.
    for (let time = 0; time < 2; time++) {
      const response = await fetch(`http://127.0.0.1:${writer.port}${PATH}`, {
        method: 'POST',
        body,
        headers: { [HEADERS.requestTimeoutMs]: '20000' },
      });
      if (response.status !== 200) throw new Error(`the rows were refused: ${await response.text()}`);
      await response.arrayBuffer();
    }
  }
  await writer.stop();
  return startHeadroom(['--redis', redis.url]);
}

/** Single rows, each one once. */
function pass({ port }: ServerProcess, firstCount = 0): Promise<LoadResult> {
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
