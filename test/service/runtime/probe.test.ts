import { describe, expect, test } from '@jest/globals';
import { type ProbeReport, probe } from '../../../service/runtime/probe';
import { ModelSession } from '../../../service/runtime/session';
import type { Tensor } from '../../../service/tensor';
import { fixturePath, fp32, int64 } from './fixtures';

/** @param runMs taken for the duration of each run, where a test must not depend on the machine's speed */
function probeFixture(model: string, examples?: readonly Tensor[], runMs?: number): ProbeReport {
  const session = ModelSession.open(fixturePath(model), { intraOpThreads: 1 });
  try {
    return probe(
      (inputs, outputs) => {
        const run = session.run(inputs, outputs);
        return { ...run, runMs: runMs ?? run.runMs };
      },
      session.signature,
      examples,
    );
  } finally {
    session.release();
  }
}

describe('models whose rows are independent', () => {
  test.each(['identity', 'add', 'embed', 'total', 'strings'])('%s is batched', (model) => {
    const { notBatchedBecause } = probeFixture(model);
    expect(notBatchedBecause).toBeUndefined();
  });

  test.each([
    ['as many rows as run within 3 ms', 0.5, 6],
    ['64 rows where those are still fast', 0.01, 64],
    ['two rows where even those are slow', 4, 2],
  ])('one row is measured, and %s', (_, runMs, rows) => {
    const { samples, warmInputs } = probeFixture('add', undefined, runMs);
    expect(samples).toEqual([
      { rows: 1, runMs },
      { rows, runMs },
    ]);
    expect(warmInputs?.map(({ shape }) => shape)).toEqual([
      [1, 3],
      [1, 3],
    ]);
  });
});

describe('models that only look like it', () => {
  test.each(['transpose', 'center'])('%s is not batched, as two rows together differ from each alone', (model) => {
    const { notBatchedBecause } = probeFixture(model);
    expect(notBatchedBecause).toBe('two rows together give other outputs than each alone');
  });

  test('an example of one row is enough to find that out', () => {
    const { notBatchedBecause } = probeFixture('center', [fp32([1, 4], [5, 6, 7, 8])]);
    expect(notBatchedBecause).toBe('two rows together give other outputs than each alone');
  });
});

describe('models whose signature rules it out', () => {
  test.each([
    ['scale', "input 'factor' is a scalar, not 'N'"],
    ['fixed', "input 'x' has the fixed first dimension 1"],
    ['nonzero', "output 'positions' has the fixed first dimension 2, not 'N'"],
  ])('%s is not batched, but measured', (model, reason) => {
    const { notBatchedBecause, samples, warmInputs } = probeFixture(model);
    expect(notBatchedBecause).toBe(reason);
    expect(samples).toMatchObject([{ rows: 1 }]);
    expect(warmInputs).toBeDefined();
  });
});

describe('a model that made-up inputs do not suit', () => {
  test('is not batched, for the reason that the model gave', () => {
    expect(probeFixture('embed_high')).toEqual({
      notBatchedBecause: expect.stringContaining('no two rows were found to prove that rows are independent: indices'),
      warmInputs: undefined,
      samples: [],
    });
  });

  test('is batched when its examples prove it', () => {
    const { notBatchedBecause, samples } = probeFixture('embed_high', [int64([101, 101, 99])]);
    expect(notBatchedBecause).toBeUndefined();
    expect(samples).toHaveLength(2);
  });

  test('is warmed up with an example that proves nothing', () => {
    const { notBatchedBecause, warmInputs, samples } = probeFixture('embed_high', [int64([101])]);
    expect(notBatchedBecause).toContain('no two rows were found');
    expect(warmInputs).toEqual([int64([101])]);
    expect(samples).toHaveLength(1);
  });
});
