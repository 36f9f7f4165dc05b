import { median } from '../../cli/statistics';
import type { LoadResult } from './load-client';
import { measure, type ServerProcess } from './processes';

/** One side of a comparison: a server, and what is sent to it. */
export interface Side {
  readonly server: ServerProcess;
  readonly path: string;
  readonly body: string;
}

export interface SideFigures {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuSecondsPerThousand: number;
  readonly failures: number;
}

export interface PairFigures {
  readonly ours: SideFigures;
  readonly bare: SideFigures;
  /** Median over the rounds of ours / bare within one round. */
  readonly throughputRatio: number;
  readonly p50Ratio: number;
}

const ROUNDS = 9;
const ROUND_MS = 1000;
const WARM_UP_MS = 300;
/** More than one measurement sends, so that no count comes twice and no cache can help. */
const COUNTS_PER_MEASUREMENT = 60_000;
/** Bodies write the count behind a 1, in eight digits: FP32 tells integers apart up to 2^24. */
const MAX_COUNT = 2 ** 24 - 10_000_000;

let measurements = 0;

/**
 * Loads both sides in turn, A B A B …, and compares within each round: these machines are shared, so only what was
 * measured within the same seconds can be compared.
 */
export async function compare(ours: Side, bare: Side, connections: number): Promise<PairFigures> {
  const rounds: { ours: SideFigures; bare: SideFigures }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    // The order changes from round to round, so that a drift of the machine favours neither.
    if (round % 2 === 0) rounds.push({ ours: await once(ours, connections), bare: await once(bare, connections) });
    else {
      const bareFigures = await once(bare, connections);
      rounds.push({ ours: await once(ours, connections), bare: bareFigures });
    }
  }
  const medianOf = (pick: (round: { ours: SideFigures; bare: SideFigures }) => number) => median(rounds.map(pick));
  const summary = (side: 'ours' | 'bare'): SideFigures => ({
    requestsPerSecond: medianOf((round) => round[side].requestsPerSecond),
    p50Ms: medianOf((round) => round[side].p50Ms),
    p99Ms: medianOf((round) => round[side].p99Ms),
    cpuSecondsPerThousand: medianOf((round) => round[side].cpuSecondsPerThousand),
    failures: rounds.reduce((sum, round) => sum + round[side].failures, 0),
  });
  return {
    ours: summary('ours'),
    bare: summary('bare'),
    throughputRatio: medianOf((round) => round.ours.requestsPerSecond / round.bare.requestsPerSecond),
    p50Ratio: medianOf((round) => round.ours.p50Ms / round.bare.p50Ms),
  };
}

async function once({ server, path, body }: Side, connections: number): Promise<SideFigures> {
  const before = server.cpuSeconds();
  const firstCount = body.includes('#') ? COUNTS_PER_MEASUREMENT * measurements++ : 0;
  if (firstCount + COUNTS_PER_MEASUREMENT > MAX_COUNT) throw new Error('counts from here on would come twice as FP32');
  const options = { connections, durationMs: ROUND_MS, warmUpMs: WARM_UP_MS, firstCount };
  const result: LoadResult = await measure({ port: server.port, path, body, options });
  // The processor time includes the warm-up, so it is set against the requests of that time, too.
  const requests = (result.requestsPerSecond * (ROUND_MS + WARM_UP_MS)) / 1000;
  return { ...result, cpuSecondsPerThousand: ((server.cpuSeconds() - before) / requests) * 1000 };
}
