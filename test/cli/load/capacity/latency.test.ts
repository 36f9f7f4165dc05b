import { expect, test } from '@jest/globals';
import { measureLatency } from '../../../../cli/load/capacity/latency';
import type { TrialReport } from '../../../../cli/load/capacity/report';
import { trialOf } from './trial';

function trial(qps: number, p95: number, disturbance?: string): TrialReport {
  return trialOf(qps, { latencyMs: { p50: 1, p90: 1, p95, p99: p95, p999: p95, max: p95 }, disturbance });
}

/** What came of a capacity of 1,000 requests/s where the turns of each rate end so. */
async function p95s(turns: readonly (readonly [p95: number, disturbance?: string])[]): Promise<(number | undefined)[]> {
  const tried: number[] = [];
  const found = await measureLatency(1000, async (qps) => {
    const turn = turns[tried.filter((before) => before === qps).length] ?? [0];
    tried.push(qps);
    return trial(qps, ...turn);
  });
  expect(found.map(({ qps }) => qps)).toEqual([100, 300, 500, 700, 850]);
  return found.map(({ latencyMs }) => latencyMs.p95);
}

test('the median of the turns of a rate counts', async () => {
  expect(await p95s([[9], [2], [3]])).toEqual([3, 3, 3, 3, 3]);
});

test('turns that other programs disturbed do not count where there are others', async () => {
  const busy = 'other programs kept 1 of 2 cores busy meanwhile';
  expect(await p95s([[9, busy], [2], [8, busy]])).toEqual([2, 2, 2, 2, 2]);
});

test('turns that were all disturbed count', async () => {
  const busy = 'other programs kept 1 of 2 cores busy meanwhile';
  expect(
    (
      await p95s([
        [9, busy],
        [2, busy],
        [8, busy],
      ])
    )[0],
  ).toBe(8);
});
