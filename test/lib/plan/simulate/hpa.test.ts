import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { HorizontalPodAutoscaler, type Measure } from '../../../../lib/plan/simulate/hpa';
import {
  type HpaMetric,
  type HpaSpec,
  type ScalingPolicy,
  type ScalingRules,
  scaleDownRules,
  scaleUpRules,
} from '../../../../lib/plan/simulate/hpa-spec';

const LATENCY: HpaMetric = { source: 'pods', name: 'p95', targetMilli: 100 };
const SYNC_SECONDS = 15.08;

function spec(over: Partial<HpaSpec> = {}): HpaSpec {
  return { minReplicas: 2, maxReplicas: 20, metrics: [LATENCY], behavior: undefined, ...over };
}

function behaving(scaleUp: Partial<ScalingRules>, scaleDown: Partial<ScalingRules> = {}): Partial<HpaSpec> {
  return { behavior: { scaleUp: scaleUpRules(scaleUp), scaleDown: scaleDownRules(scaleDown) } };
}

/** Pods that all report the value, or nothing. */
function all(count: number, valueMilli: number | undefined): Measure {
  return () => [
    {
      pods: {
        count,
        phase: 'Running',
        startedAtSeconds: -3600,
        ready: true,
        readyChangedAtSeconds: -3500,
        cpuRequestMilli: 1000,
      },
      sample: valueMilli === undefined ? undefined : { valueMilli, timestampSeconds: 0, windowSeconds: 15 },
    },
  ];
}

/** The replicas after each sync, from the value that every pod reports at it. */
function run(hpa: HpaSpec, start: number, values: readonly (number | undefined)[]): number[] {
  const controller = new HorizontalPodAutoscaler(hpa);
  const replicas: number[] = [];
  let current = start;
  for (const [i, value] of values.entries()) {
    current = controller.reconcile(i * SYNC_SECONDS, current, all(current, value));
    replicas.push(current);
  }
  return replicas;
}

const repeat = <T>(value: T, times: number): T[] => Array.from({ length: times }, () => value);

describe('without a behaviour block', () => {
  test('replicas at most double, or become four', () => {
    expect(run(spec({ minReplicas: 1 }), 1, [1000, 1000, 1000])).toEqual([4, 8, 16]);
  });

  test('replicas are removed only when nothing in 300 seconds asked for more', () => {
    // GIVEN ten replicas, of which a fifth is needed from now on WHEN 22 syncs pass
    const replicas = run(spec(), 10, repeat(20, 22));
    // THEN they are all kept for the 19 syncs that the first ten seconds are remembered, then removed at once
    expect(replicas).toEqual([...repeat(10, 20), 2, 2]);
  });
});

describe('with a behaviour block', () => {
  test('the most permissive policy counts for Max', () => {
    const policies: ScalingPolicy[] = [
      { type: 'Pods', value: 1, periodSeconds: 15 },
      { type: 'Percent', value: 50, periodSeconds: 15 },
    ];
    expect(run(spec(behaving({ policies })), 4, [1000, 1000])).toEqual([6, 9]);
  });

  test('the least permissive policy counts for Min', () => {
    const policies: ScalingPolicy[] = [
      { type: 'Pods', value: 1, periodSeconds: 15 },
      { type: 'Percent', value: 50, periodSeconds: 15 },
    ];
    expect(run(spec(behaving({ policies, selectPolicy: 'Min' })), 4, [1000, 1000])).toEqual([5, 6]);
  });

  test('the percentage added is rounded up', () => {
    const policies: ScalingPolicy[] = [{ type: 'Percent', value: 50, periodSeconds: 15 }];
    expect(run(spec(behaving({ policies })), 3, [1000])).toEqual([5]);
  });

  test('Min removes as few as any policy allows', () => {
    const policies: ScalingPolicy[] = [
      { type: 'Pods', value: 1, periodSeconds: 15 },
      { type: 'Percent', value: 50, periodSeconds: 15 },
    ];
    const down = { policies, stabilizationWindowSeconds: 0 };
    expect(run(spec(behaving({}, { ...down, selectPolicy: 'Min' })), 10, [1])).toEqual([9]);
    expect(run(spec(behaving({}, down)), 10, [1])).toEqual([5]);
  });

  test('a policy is counted from the replicas at the start of its period', () => {
    const policies: ScalingPolicy[] = [{ type: 'Pods', value: 4, periodSeconds: 60 }];
    expect(run(spec(behaving({ policies })), 4, repeat(1000, 5))).toEqual([8, 8, 8, 8, 12]);
  });

  test('Disabled keeps a direction shut', () => {
    const down = { selectPolicy: 'Disabled' as const, stabilizationWindowSeconds: 0 };
    expect(run(spec(behaving({}, down)), 10, repeat(10, 5))).toEqual(repeat(10, 5));
  });

  test('replicas are added only as far as all of the window for adding asks', () => {
    const replicas = run(spec(behaving({ stabilizationWindowSeconds: 45 })), 4, repeat(300, 5));
    // Three syncs remember the four that were there at first, and the fifth the twelve asked for by four.
    expect(replicas).toEqual([4, 4, 4, 8, 12]);
  });

  test('the percentage removed is rounded down, so that it always removes something', () => {
    const policies: ScalingPolicy[] = [{ type: 'Percent', value: 10, periodSeconds: 15 }];
    const down = { policies, stabilizationWindowSeconds: 0 };
    expect(run(spec(behaving({}, down)), 20, repeat(1, 5))).toEqual([18, 16, 14, 12, 10]);
  });

  test('a change is forgotten where a later one of its direction takes its slot', () => {
    // GIVEN rules that count additions for 15 seconds and removals for 60
    const down = {
      stabilizationWindowSeconds: 0,
      policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] satisfies ScalingPolicy[],
    };
    const hpa = spec(behaving({ policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }] }, down));
    // WHEN four are added three times and then none is needed THEN the period is taken to begin
    // before the last addition only, with ten replicas, of which one may go
    expect(run(hpa, 2, [1000, 1000, 1000, 1])).toEqual([6, 10, 14, 9]);
  });

  test('a tolerance of its own replaces the controller’s', () => {
    expect(run(spec(behaving({ tolerance: 0.5 })), 4, [145, 155])).toEqual([4, 7]);
  });
});

describe('with several metrics', () => {
  const CPU: HpaMetric = { source: 'cpu', targetPercent: 70 };

  function decide(cpuMilli: number | undefined, latencyMilli: number | undefined): number {
    const controller = new HorizontalPodAutoscaler(
      spec({ metrics: [CPU, LATENCY], ...behaving({}, { stabilizationWindowSeconds: 0 }) }),
    );
    return controller.reconcile(0, 10, (metric) => all(10, metric.source === 'cpu' ? cpuMilli : latencyMilli)(metric));
  }

  test('the largest proposal wins', () => {
    expect(decide(350, 150)).toBe(15);
  });

  test('one that fails does not keep replicas from being added', () => {
    expect(decide(undefined, 150)).toBe(15);
  });

  test('one that fails keeps replicas from being removed', () => {
    expect(decide(350, undefined)).toBe(10);
  });

  test('nothing changes where all fail', () => {
    expect(decide(undefined, undefined)).toBe(10);
  });
});

test('a Deployment scaled to zero by hand stays there', () => {
  expect(new HorizontalPodAutoscaler(spec()).reconcile(0, 0, all(0, undefined))).toBe(0);
});

describe('whatever the rules and the load', () => {
  const policy = fc.record({
    type: fc.constantFrom('Pods' as const, 'Percent' as const),
    value: fc.integer({ min: 1, max: 200 }),
    periodSeconds: fc.integer({ min: 1, max: 180 }),
  });
  const rules = fc.record(
    {
      stabilizationWindowSeconds: fc.integer({ min: 0, max: 600 }),
      selectPolicy: fc.constantFrom('Max' as const, 'Min' as const, 'Disabled' as const),
      policies: fc.array(policy, { minLength: 1, maxLength: 3 }),
      tolerance: fc.double({ min: 0, max: 0.5, noNaN: true }),
    },
    { requiredKeys: [] },
  );
  const behaviour = fc.option(fc.record({ up: rules, down: rules }), { nil: undefined });
  const hpas = fc
    .tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 180 }), behaviour)
    .map(([minReplicas, more, given]) =>
      spec({
        minReplicas,
        maxReplicas: minReplicas + more,
        behavior: given && { scaleUp: scaleUpRules(given.up), scaleDown: scaleDownRules(given.down) },
      }),
    );
  const values = fc.array(fc.option(fc.integer({ min: 0, max: 2000 }), { nil: undefined }), {
    minLength: 1,
    maxLength: 60,
  });

  test('replicas stay between the least and the most', () => {
    fc.assert(
      fc.property(hpas, fc.integer({ min: 1, max: 250 }), values, (hpa, start, reported) => {
        for (const replicas of run(hpa, start, reported)) {
          expect(replicas).toBeGreaterThanOrEqual(hpa.minReplicas);
          expect(replicas).toBeLessThanOrEqual(hpa.maxReplicas);
        }
      }),
    );
  });

  test('a usage within the tolerance keeps the replicas', () => {
    fc.assert(
      fc.property(hpas, fc.double({ min: 0, max: 1, noNaN: true }), values, (hpa, share, reported) => {
        const start = Math.round(hpa.minReplicas + share * (hpa.maxReplicas - hpa.minReplicas));
        // GIVEN the target exactly, at every sync
        const replicas = run(hpa, start, repeat(100, reported.length));
        // THEN nothing is ever changed
        expect(replicas).toEqual(repeat(start, reported.length));
      }),
    );
  });

  test('in no period are more removed than the most permissive policy allows, unless more were there to begin with', () => {
    const onePolicy = policy.filter(({ type, value }) => type === 'Pods' || value <= 100);
    fc.assert(
      fc.property(
        onePolicy,
        fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 5, maxLength: 60 }),
        (limit, reported) => {
          // GIVEN one policy for removing, no window, and a load that only ever asks for fewer
          const hpa = spec({ maxReplicas: 500, ...behaving({}, { policies: [limit], stabilizationWindowSeconds: 0 }) });
          const replicas = [500, ...run(hpa, 500, reported)];
          // THEN from any sync on, the period that begins there ends with no fewer than the policy leaves
          const syncs = Math.ceil(limit.periodSeconds / SYNC_SECONDS);
          for (const [i, before] of replicas.entries()) {
            const after = replicas[Math.min(i + syncs, replicas.length - 1)] ?? Number.NaN;
            const least = limit.type === 'Pods' ? before - limit.value : Math.trunc(before * (1 - limit.value / 100));
            expect(after).toBeGreaterThanOrEqual(Math.max(hpa.minReplicas, least));
          }
        },
      ),
    );
  });

  test('no replica is removed before the window has passed without asking for it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 600 }), (windowSeconds) => {
        // GIVEN ten replicas of which from now on one is needed
        const hpa = spec(behaving({}, { stabilizationWindowSeconds: windowSeconds }));
        const replicas = run(hpa, 10, repeat(10, 45));
        // THEN they go at the first sync at which the ten of the beginning are no longer remembered
        const first = replicas.findIndex((count) => count < 10);
        expect(first).toBe(Math.ceil(windowSeconds / SYNC_SECONDS));
      }),
    );
  });
});
