import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ServiceError } from '../../../service/errors';
import type { RunResult } from '../../../service/runtime/job';
import { numberedRows, POISON, SimulatedWorld } from './simulated-world';

/** Expired jobs are answered at most this long after their deadline, see batcher.ts. */
const SWEEP_MS = 5;
const ROUNDING_MS = 1e-5;

/** Mostly the same, so that batches form. */
const OUTPUTS = [[0], [0], [0], [0], [0], [1], [0, 1], [1, 0]] as const;

const jobs = fc.array(
  fc.record({
    arrivesMs: fc.integer({ min: 0, max: 40 }),
    rows: fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 0, max: 6 }) }, fc.integer({ min: 7, max: 60 })),
    width: fc.constantFrom(1, 1, 1, 1, 1, 3),
    outputs: fc.constantFrom(...OUTPUTS),
    timeoutMs: fc.oneof(fc.constant(1_000_000), fc.integer({ min: 1, max: 120 })),
    isPoisoned: fc.nat(7).map((value) => value === 0),
    isCancelled: fc.constantFrom(false, false, false, true),
    isAlone: fc.boolean(),
  }),
  { maxLength: 40, size: 'max' },
);

const settings = fc.record({
  parallel: fc.integer({ min: 1, max: 3 }),
  largestBatch: fc.integer({ min: 1, max: 16 }),
  fixedMs: fc.double({ min: 0, max: 8, noNaN: true }),
  perRowMs: fc.double({ min: 0.01, max: 3, noNaN: true }),
  isInline: fc.boolean(),
});

type JobPlan = typeof jobs extends fc.Arbitrary<(infer T)[]> ? T : never;
type SettingsPlan = typeof settings extends fc.Arbitrary<infer T> ? T : never;

/** A job of the plan and what became of it. Its rows are numbered [first, first + rows). */
interface Played {
  readonly plan: JobPlan;
  readonly first: number;
  readonly deadlineMs: number;
  readonly order: number;
  answers: number;
  settledMs: number | undefined;
  result: RunResult | undefined;
  error: unknown;
}

interface Play {
  readonly world: SimulatedWorld;
  readonly played: readonly Played[];
}

/** Plays a plan to its end. */
async function play(worldPlan: SettingsPlan, plans: readonly JobPlan[]): Promise<Play> {
  const world = new SimulatedWorld(worldPlan);
  const played: Played[] = [];
  let first = 0;
  const inOrder = [...plans].sort((a, b) => a.arrivesMs - b.arrivesMs);
  for (const [order, plan] of inOrder.entries()) {
    const deadlineMs = plan.arrivesMs + plan.timeoutMs;
    const job: Played = {
      plan,
      first,
      deadlineMs,
      order,
      answers: 0,
      settledMs: undefined,
      result: undefined,
      error: undefined,
    };
    first += plan.rows;
    played.push(job);
    world.at(plan.arrivesMs, () => submit(world, job));
  }
  await world.finish();
  return { world, played };
}

function submit(world: SimulatedWorld, job: Played): void {
  const { rows, width, outputs, isPoisoned, isCancelled, isAlone } = job.plan;
  const input = numberedRows(job.first, rows, width);
  if (isPoisoned && rows > 0 && input.data instanceof Float32Array) input.data[input.data.length - 1] = POISON;
  const settle = (result: RunResult | undefined, error: unknown): void => {
    Object.assign(job, { answers: job.answers + 1, settledMs: world.nowMs, result, error });
  };
  const { deadlineMs } = job;
  world.batcher
    .submit({ inputs: [input], rows, outputs, deadlineMs, isAlone, isCancelled: () => isCancelled }, world.nowMs)
    .then(
      (result) => settle(result, undefined),
      (error: unknown) => settle(undefined, error),
    );
}

function holds(check: (played: Play) => void): Promise<void> {
  return fc.assert(
    fc.asyncProperty(settings, jobs, async (worldPlan, plans) => check(await play(worldPlan, plans))),
    { numRuns: 100 },
  );
}

function expectedOutputs({ plan: { rows, width, outputs }, first }: Played): unknown {
  const doubled = numberedRows(first, rows, width).data;
  const all = [
    { datatype: 'FP32', shape: [rows, width], data: [...doubled].map((value) => Number(value) * 2) },
    { datatype: 'INT32', shape: [rows], data: new Array(rows).fill(width) },
  ];
  return outputs.map((index) => all[index]);
}

function codeOf(error: unknown): string {
  return error instanceof ServiceError ? error.code : String(error);
}

describe('whatever comes when', () => {
  test('every job is answered, and nothing is left in the queue', () =>
    holds(({ world, played }) => {
      expect(played.map(({ answers }) => answers)).toEqual(played.map(() => 1));
      expect([world.batcher.queuedRows, world.batcher.turnRows, world.batcher.isIdle]).toEqual([0, 0, true]);
      expect(world.batcher.runningMs(world.nowMs)).toBeCloseTo(0, 6);
    }));

  test('every answer holds exactly the rows of its job, in order, of the outputs asked for', () =>
    holds(({ played }) => {
      for (const job of played) {
        if (job.result === undefined) continue;
        const outputs = job.result.outputs.map(({ data, ...rest }) => ({ ...rest, data: [...data] }));
        expect(outputs).toEqual(expectedOutputs(job));
      }
    }));

  test('no run is larger than the largest batch, and no more run at once than can', () =>
    holds(({ world }) => {
      for (const { rows } of world.runs) expect(rows).toBeLessThanOrEqual(world.settings.largestBatch);
      expect(world.maxRunning).toBeLessThanOrEqual(world.settings.parallel);
    }));

  test('only jobs that are too late, cancelled or to blame are refused, each with its own reason', () =>
    holds(({ played }) => {
      for (const { plan, error, result } of played) {
        const mayFail = plan.isPoisoned && plan.rows > 0;
        const mayExpire = plan.isCancelled || plan.timeoutMs < 1_000_000;
        if (mayFail && !mayExpire) expect(codeOf(error)).toBe('run_failed');
        if (!mayFail && !mayExpire) expect(result).toBeDefined();
        if (error !== undefined && !mayFail) expect(codeOf(error)).toBe('deadline');
      }
    }));

  test('no run contains rows of a job whose deadline has passed or that is cancelled', () =>
    holds(({ world, played }) => {
      for (const { startMs, ids } of world.runs) {
        for (const job of played) {
          if (!ids.some((id) => isRowOf(job, id))) continue;
          expect(job.plan.isCancelled).toBe(false);
          expect(startMs).toBeLessThan(job.deadlineMs);
        }
      }
    }));

  test('a job that waits in vain for its first run is told so at its deadline', () =>
    holds(({ world, played }) => {
      for (const job of played) {
        // A job without rows leaves no trace in the runs, so nobody can tell whether it waits for its first.
        if (job.plan.rows === 0) continue;
        if (codeOf(job.error) !== 'deadline' || job.plan.isPoisoned || hasStarted(world, job)) continue;
        expect(job.settledMs).toBeLessThanOrEqual(job.deadlineMs + SWEEP_MS + ROUNDING_MS);
      }
    }));

  test('jobs of one group that fit into a batch start in the order they came', () =>
    holds(({ world, played }) => {
      const startOf = (job: Played): number => world.runs.findIndex(({ ids }) => ids.some((id) => isRowOf(job, id)));
      const started = played
        .filter(({ plan }) => plan.rows > 0 && !plan.isPoisoned && plan.rows <= world.settings.largestBatch)
        .map((job) => ({ job, start: startOf(job) }))
        .filter(({ start }) => start !== -1);
      for (const { job, start } of started) {
        for (const later of started) {
          if (later.job.order <= job.order || groupOf(later.job) !== groupOf(job)) continue;
          expect(later.start).toBeGreaterThanOrEqual(start);
        }
      }
    }));
});

function isRowOf({ first, plan }: Played, id: number): boolean {
  return id >= first && id < first + plan.rows;
}

function hasStarted(world: SimulatedWorld, job: Played): boolean {
  return world.runs.some(({ ids }) => ids.some((id) => isRowOf(job, id)));
}

function groupOf({ plan: { width, outputs } }: Played): string {
  return `${width}/${outputs.join()}`;
}
