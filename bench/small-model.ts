import type { Figure } from './support/figures';
import { compare, type PairFigures } from './support/paired';
import { type ServerProcess, startBareFastify, startHeadroom } from './support/processes';

/** 13 numbers, one of which counts up, so that no two requests are alike. FP32 tells integers apart up to 2^24. */
const DISTINCT = JSON.stringify({
  inputs: [
    {
      name: 'features',
      shape: [1, 13],
      datatype: 'FP32',
      data: [12, 0, 36, 44, 1, 0, 0, 60, 'income', 6000, 0, 700, 1450],
    },
  ],
}).replace('"income"', '1#######');
const DISTINCT_PATH = '/v2/models/fraud-detection/infer';

const FEATURES = JSON.stringify({
  instances: [
    {
      seniority: 12,
      home: 'owner',
      time: 36,
      age: 44,
      marital: 'married',
      records: false,
      job: 'fixed',
      expenses: 60,
      income: 210,
      assets: 6000,
      debt: 0,
      amount: 700,
      price: 1450,
    },
  ],
});
const FEATURES_PATH = '/v1/models/fraud-detection:predict';

/** A small model against a bare Fastify that parses the same JSON and answers a constant. */
export async function measureSmallModel(): Promise<Figure[]> {
  const headroom = await startHeadroom();
  const bare = await startBareFastify();
  try {
    return [
      ...(await measureHits(headroom, bare)),
      ...(await measureMisses(headroom, bare, 16, 0.7)),
      ...(await measureMisses(headroom, bare, 64, 0.85)),
      ...(await measureAlone(headroom, bare)),
    ];
  } finally {
    await headroom.stop();
    await bare.stop();
  }
}

async function measureHits(headroom: ServerProcess, bare: ServerProcess): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const connections of [16, 64]) {
    const pair = await compare(
      { server: headroom, path: FEATURES_PATH, body: FEATURES },
      { server: bare, path: '/', body: FEATURES },
      connections,
    );
    const name = `cached :predict, ${connections} connections`;
    figures.push({ name, value: pair.throughputRatio, unit: ' × bare', goal: { atLeast: 0.8 }, detail: rates(pair) });
  }
  return figures;
}

async function measureMisses(
  headroom: ServerProcess,
  bare: ServerProcess,
  connections: number,
  atLeast: number,
): Promise<Figure[]> {
  const pair = await compareMisses(headroom, bare, connections);
  const name = `uncached v2 JSON, ${connections} connections`;
  return [{ name, value: pair.throughputRatio, unit: ' × bare', goal: { atLeast }, detail: rates(pair) }];
}

async function measureAlone(headroom: ServerProcess, bare: ServerProcess): Promise<Figure[]> {
  const pair = await compareMisses(headroom, bare, 1);
  const detail = `p50 ${pair.ours.p50Ms.toFixed(3)} against ${pair.bare.p50Ms.toFixed(3)} ms`;
  const name = 'uncached v2 JSON, p50 on one connection';
  return [{ name, value: pair.p50Ratio, unit: ' × bare', goal: { atMost: 2 }, detail }];
}

function compareMisses(headroom: ServerProcess, bare: ServerProcess, connections: number): Promise<PairFigures> {
  return compare(
    { server: headroom, path: DISTINCT_PATH, body: DISTINCT },
    { server: bare, path: '/', body: DISTINCT },
    connections,
  );
}

function rates({ ours, bare }: PairFigures): string {
  const rate = (value: number) => Math.round(value).toLocaleString('en');
  const cpu = (value: number) => value.toFixed(3);
  return (
    `${rate(ours.requestsPerSecond)} against ${rate(bare.requestsPerSecond)} requests/s, ` +
    `CPU ${cpu(ours.cpuSecondsPerThousand)} against ${cpu(bare.cpuSecondsPerThousand)} s per 1,000` +
    (ours.failures > 0 ? `, ${ours.failures} FAILED` : '')
  );
}
