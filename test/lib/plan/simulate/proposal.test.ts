import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DEFAULT_FLAGS, type HpaMetric } from '../../../../lib/plan/simulate/hpa-spec';
import { type MeasuredPods, type PodGroup, proposeReplicas } from '../../../../lib/plan/simulate/proposal';

const NOW = 10_000;
const TOLERANCES = { scaleDown: 0.1, scaleUp: 0.1 };
const CPU: HpaMetric = { source: 'cpu', targetPercent: 70 };
const LATENCY: HpaMetric = { source: 'pods', name: 'prediction_latency_p95', targetMilli: 100 };

function pods(count: number, over: Partial<PodGroup> = {}): PodGroup {
  return {
    count,
    phase: 'Running',
    startedAtSeconds: 0,
    ready: true,
    readyChangedAtSeconds: 20,
    cpuRequestMilli: 1000,
    ...over,
  };
}

function reporting(count: number, valueMilli: number, over: Partial<PodGroup> = {}): MeasuredPods {
  return { pods: pods(count, over), sample: { valueMilli, timestampSeconds: NOW, windowSeconds: 15 } };
}

const silent = (count: number): MeasuredPods => ({ pods: pods(count), sample: undefined });
const pending = (count: number): MeasuredPods => ({
  pods: pods(count, { phase: 'Pending', ready: false, startedAtSeconds: NOW - 5, readyChangedAtSeconds: NOW - 5 }),
  sample: undefined,
});

function propose(metric: HpaMetric, current: number, ...measured: MeasuredPods[]): number | undefined {
  return proposeReplicas(metric, current, measured, TOLERANCES, NOW, DEFAULT_FLAGS);
}

describe('the replicas that a metric asks for', () => {
  test('are its ratio to the target times the pods, rounded up', () => {
    expect(propose(CPU, 4, reporting(4, 1000))).toBe(6);
  });

  test.each([770, 779, 630])('stay while %d milli of 700 are within the tolerance', (milli) => {
    // 779 milli of 1000 are 77 whole percent, which is 1.1 times the target and not more.
    expect(propose(CPU, 4, reporting(4, milli))).toBe(4);
  });

  test.each([
    [780, 5],
    [629, 4],
  ])('follow %d milli of 700', (milli, replicas) => {
    expect(propose(CPU, 4, reporting(4, milli))).toBe(replicas);
  });

  test('are none where no pod reports', () => {
    expect(propose(CPU, 4, silent(4))).toBeUndefined();
  });

  test('count pending pods as idle when replicas are to be added', () => {
    // 210 over the four that report, 105 over all eight: within the tolerance.
    expect(propose(LATENCY, 8, reporting(4, 210), pending(4))).toBe(8);
  });

  test('leave pending pods out when replicas are to be removed', () => {
    expect(propose(LATENCY, 6, reporting(4, 50), pending(2))).toBe(2);
  });

  test('count silent pods as at the target when replicas are to be removed', () => {
    expect(propose(LATENCY, 6, reporting(3, 20), silent(3))).toBe(4);
  });

  test('count the CPU of silent pods as all that they request when replicas are to be removed', () => {
    expect(propose(CPU, 6, reporting(3, 100), silent(3))).toBe(5);
  });

  test('count silent pods as idle when replicas are to be added, and stay where that turns the direction', () => {
    expect(propose(CPU, 6, reporting(3, 750), silent(3))).toBe(6);
  });

  test('leave out the CPU of pods that became ready less than a metric window ago', () => {
    // GIVEN two settled pods and four that have been ready for ten seconds, all at 180 %
    const fresh = reporting(4, 1800, { startedAtSeconds: NOW - 30, readyChangedAtSeconds: NOW - 10 });
    // WHEN only the two count THEN the mean over all six is below the target, and nothing changes
    expect(propose(CPU, 6, reporting(2, 1800), fresh)).toBe(6);
    // AND another metric takes them as they are
    expect(propose(LATENCY, 6, reporting(2, 200), { ...fresh, sample: reporting(4, 200).sample })).toBe(12);
  });

  test('count the CPU of a pod that is not ready any more once its initialisation is over', () => {
    const lost = reporting(2, 1400, { ready: false, readyChangedAtSeconds: 5000 });
    expect(propose(CPU, 2, lost)).toBe(4);
  });

  test('stay where fewer pods exist than are asked for and more are needed, but not that many', () => {
    expect(propose(LATENCY, 10, reporting(3, 160), silent(1))).toBe(10);
  });

  test('never go down on a usage above the target, nor up on one below', () => {
    const group = fc.record({ count: fc.integer({ min: 1, max: 50 }), valueMilli: fc.integer({ min: 0, max: 3000 }) });
    fc.assert(
      fc.property(
        fc.array(group, { minLength: 1, maxLength: 4 }),
        fc.nat(20),
        fc.nat(20),
        fc.constantFrom(CPU, LATENCY),
        (groups, quiet, starting, metric) => {
          // GIVEN pods of which some report, some are silent and some start
          const measured = groups.map(({ count, valueMilli }) => reporting(count, valueMilli));
          const reported = groups.reduce((sum, { count }) => sum + count, 0);
          const current = reported + quiet + starting;
          const usage = groups.reduce((sum, { count, valueMilli }) => sum + count * valueMilli, 0) / reported;
          const target = metric === CPU ? 700 : 100;
          // WHEN the metric proposes
          const proposal = propose(metric, current, ...measured, silent(quiet), pending(starting)) ?? Number.NaN;
          // THEN it goes no other way than the usage; pending pods are only counted when adding, so fewer may stay
          if (usage >= target + 20) expect(proposal).toBeGreaterThanOrEqual(current);
          if (usage < target) expect(proposal).toBeLessThanOrEqual(current);
        },
      ),
    );
  });
});
