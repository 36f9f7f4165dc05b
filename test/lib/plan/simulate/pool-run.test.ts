import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cpuTarget } from '../../../../lib/plan/horizontal';
import { advise, holds } from '../../../../lib/plan/simulate/advice';
import { type HpaMetric, scaleDownRules, scaleUpRules } from '../../../../lib/plan/simulate/hpa-spec';
import { type Load, type PoolPlan, simulatePool } from '../../../../lib/plan/simulate/pool-run';

const METRICS: HpaMetric[] = [
  { source: 'cpu', targetPercent: 60 },
  { source: 'pods', name: 'prediction_latency_p95', targetMilli: 100 },
];

function plan(minReplicas: number, maxReplicas: number, over: Partial<PoolPlan['replica']> = {}): PoolPlan {
  return {
    name: 'web',
    hpa: {
      minReplicas,
      maxReplicas,
      metrics: METRICS,
      behavior: { scaleUp: scaleUpRules(), scaleDown: scaleDownRules() },
    },
    replica: {
      capacityQps: 100,
      idleMs: 5,
      cpuSecondsPerRequest: 0.008,
      cpuRequestMilli: 1000,
      coldStartSeconds: 20,
      ...over,
    },
    slo: { p95Ms: 100, acceptableMs: 200 },
    nodes: { replicasPerNode: 4, startSeconds: 60 },
  };
}

const flat =
  (qps: number): Load =>
  () =>
    qps;
const jump: Load = (seconds) => (seconds < 300 ? 100 : 1000);

describe('a pool', () => {
  test('within its capacity keeps its SLO and loses nothing', () => {
    const run = simulatePool(plan(2, 20), flat(100), 600, 1);
    expect([holds(run.totals), run.totals.lost, run.totals.requests]).toEqual([true, 0, 60_000]);
  });

  test('that is as large as allowed loses what is beyond it', () => {
    // GIVEN two replicas that take about 120 requests/s each in an acceptable time
    const { totals } = simulatePool(plan(2, 2), flat(1000), 600, 1);
    // WHEN 1,000 come THEN about three quarters are refused
    expect(totals.lost / totals.requests).toBeCloseTo(0.76, 1);
  });

  test('loses requests while replicas start, and none once they are there', () => {
    const run = simulatePool(plan(2, 20), jump, 1200, 1);
    expect(run.lostQps[299]).toBe(0);
    expect(run.lostQps[310]).toBeGreaterThan(500);
    expect(run.lostQps[900]).toBe(0);
  });

  test('has replicas ready sooner where nodes have room', () => {
    // GIVEN two replicas on a node for four
    const run = simulatePool(plan(2, 20), jump, 1200, 1);
    const first = (counts: Float64Array, count: number): number => counts.findIndex((value) => value >= count);
    // WHEN the fourth and the fifth are asked for THEN the fourth is ready after a cold start, the fifth when a node is
    // there as well; a pod is ready in the second after
    expect(first(run.ready, 4) - first(run.replicas, 4)).toBe(20);
    expect(first(run.ready, 5) - first(run.replicas, 5)).toBe(80);
  });

  test('is scaled by the CPU of the last seconds, not of a long past', () => {
    // GIVEN CPU as the only signal, and a load that rises after half an hour of quiet
    const quiet = plan(2, 20);
    const pool = { ...quiet, hpa: { ...quiet.hpa, metrics: METRICS.slice(0, 1) } };
    const run = simulatePool(pool, (seconds) => (seconds < 1800 ? 20 : 200), 1900, 1);
    // THEN it shows at the second sync at the latest
    expect(run.replicas[1799]).toBe(2);
    expect(run.replicas[1817]).toBeGreaterThan(2);
  });

  test('gives replicas back when the load is gone', () => {
    const run = simulatePool(plan(2, 20), (seconds) => (seconds < 600 ? 1000 : 50), 3600, 1);
    expect(run.replicas.at(-1)).toBe(2);
  });

  test('never counts a request twice, whatever the load', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 5000, noNaN: true }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 0, max: 30 }),
        (levels, least, more) => {
          const load: Load = (seconds) => levels[Math.floor(seconds / 30) % levels.length] ?? 0;
          const { totals, replicas, ready } = simulatePool(plan(least, least + more), load, 900, 1);
          expect(totals.lost).toBeGreaterThanOrEqual(0);
          expect(totals.withinSlo + totals.lost).toBeLessThanOrEqual(totals.requests * (1 + 1e-9));
          const within = replicas.every(
            (count, i) => count >= least && count <= least + more && (ready[i] ?? 0) <= count,
          );
          expect(within).toBe(true);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('comes out the same at coarser steps', () => {
    const slow: Load = (seconds) => 300 + 200 * Math.sin(seconds / 1000);
    const fine = simulatePool(plan(2, 20), slow, 7200, 1).totals;
    const coarse = simulatePool(plan(2, 20), slow, 7200, 5).totals;
    expect(coarse.replicaSeconds / fine.replicaSeconds).toBeCloseTo(1, 1);
  });
});

describe('the advice', () => {
  const adviceFor = (pool: PoolPlan, load: Load) => advise(pool, load, simulatePool(pool, load, 1200, 1), 1200);

  test('is none for a pool that holds', () => {
    expect(adviceFor(plan(2, 20), flat(100))).toBeUndefined();
  });

  test('gives room first where the peak needs more replicas than are allowed', () => {
    const advice = adviceFor(plan(2, 5), jump);
    expect(advice?.cause).toBe('the peak needs 10 replicas, at most 5 are allowed');
    // 10 replicas at 70 % of what they can do
    expect(advice?.changes[0]).toMatchObject({ setting: 'maxReplicas', from: 5, to: 15 });
  });

  test('stops at the first change that suffices', () => {
    // GIVEN a load that rises so slowly that room is all that is missing
    const slow: Load = (seconds) => 100 + seconds;
    const pool = plan(2, 5);
    const advice = advise(pool, slow, simulatePool(pool, slow, 1200, 1), 1200);
    expect(advice?.changes.map(({ setting }) => setting)).toEqual(['maxReplicas']);
  });

  test('asks for the CPU target that a plan would set, where the one at hand comes too late', () => {
    // GIVEN replicas that use 48 % of their CPU at 70 % of their capacity, and a scaler that waits for 60 %
    const pool = plan(2, 20, { cpuSecondsPerRequest: 0.00691 });
    const signal = adviceFor(pool, jump)?.changes.find(({ setting }) => setting === 'cpuUtilization');
    expect(signal).toMatchObject({ from: 60, to: cpuTarget(pool.replica) });
    expect(signal?.reason).toBe('what a replica uses at 70 % of its capacity');
  });

  test('holds more replicas ready where the load rises faster than they start', () => {
    const advice = adviceFor(plan(2, 20), jump);
    expect(advice?.cause).toBe('the load rises faster than replicas start, which takes up to 80 s');
    expect(advice?.changes.at(-1)?.setting).toBe('minReplicas');
  });

  test('is no number of replicas where a request alone takes longer than the SLO', () => {
    const advice = adviceFor(plan(2, 20, { idleMs: 150 }), flat(10));
    expect(advice).toMatchObject({ changes: [], totals: undefined });
    expect(advice?.cause).toMatch(/takes 150 ms even alone, more than the SLO of 100 ms/);
  });

  test('suffices whenever it is given', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 5000 }), fc.integer({ min: 2, max: 30 }), (peak, most) => {
        const load: Load = (seconds) => (seconds < 300 ? 50 : peak);
        const advice = adviceFor(plan(2, most), load);
        if (advice?.totals !== undefined) expect(holds(advice.totals)).toBe(true);
      }),
      { numRuns: 8 },
    );
  });
});
