import { describe, expect, test } from '@jest/globals';
import { Hpa, type HpaSpec, proposal } from './hpa-arithmetic';
import { find, SHOP, synth } from './synth';

function isHpaSpec(spec: unknown): spec is HpaSpec {
  return typeof spec === 'object' && spec !== null && 'behavior' in spec && 'minReplicas' in spec;
}

const { spec } = find(synth(SHOP), 'HorizontalPodAutoscaler', 'model-server-hpa');
if (!isHpaSpec(spec)) throw new Error('the HPA has no behavior');
const hpa: HpaSpec = spec;

/** The controller looks every 15 s. */
const SYNC_SECONDS = 15;

/** Replicas after each look, as long as they change; `ratiosOf` measures the replicas of the moment. */
function run(initial: number, looks: number, ratiosOf: (replicas: number) => number[]): number[] {
  const controller = new Hpa(hpa, initial);
  const steps = [initial];
  for (let i = 0; i < looks; i++) steps.push(controller.look(i * SYNC_SECONDS, ratiosOf(steps.at(-1) ?? initial)));
  return steps;
}

const distinct = (steps: readonly number[]) => steps.filter((replicas, i) => replicas !== steps[i - 1]);

describe('the HPA of the manifests', () => {
  test('goes from the minimum to the maximum in three looks when p95 stands at its clamp and CPU follows', () => {
    expect(run(2, 3, () => [2, 3])).toEqual([2, 6, 12, 20]);
  });

  test('does not go beyond what a p95 at its clamp proposes: twice as many', () => {
    expect(proposal(5, 2)).toBe(10);
  });

  test('stays where it is while p95 and CPU are within a tenth of their targets', () => {
    expect(distinct(run(8, 10, () => [1.09, 0.95]))).toEqual([8]);
  });

  test('follows CPU up when latency is still fine', () => {
    // GIVEN load that keeps 7 replicas at 70 %
    const steps = run(4, 10, (replicas) => [0.3, 7 / replicas]);
    expect(distinct(steps)).toEqual([4, 7]);
  });

  test('waits five minutes before it takes the first replica away', () => {
    // GIVEN a need of 20 at the first look and of 2 ever after
    const controller = new Hpa(hpa, 20);
    controller.look(0, [1]);
    const steps = Array.from({ length: 30 }, (_, i) => controller.look((i + 1) * SYNC_SECONDS, [0.1]));
    // THEN
    expect(steps.slice(0, 19).every((replicas) => replicas === 20)).toBe(true);
    expect(steps[19]).toBe(18);
  });

  test('takes 13 steps and at least twelve minutes from the maximum back to the minimum', () => {
    const steps = run(20, 200, () => [0.05]);
    const looksUntilMinimum = steps.indexOf(2);
    expect(distinct(steps)).toEqual([20, 18, 16, 14, 12, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
    expect(looksUntilMinimum * SYNC_SECONDS).toBeGreaterThanOrEqual(12 * 60);
  });

  test('never leaves its bounds', () => {
    const steps = [...run(2, 50, () => [100]), ...run(20, 500, () => [0])];
    expect([Math.min(...steps), Math.max(...steps)]).toEqual([2, 20]);
  });
});
