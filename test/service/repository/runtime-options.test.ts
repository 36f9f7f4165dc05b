import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseModelDescription } from '../../../service/model/description';
import { runtimeOptions } from '../../../service/repository/runtime-options';

/** What a model runs with whose model.yaml has these settings. */
function workersOf(runtime: object, service: Parameters<typeof runtimeOptions>[1]): number | undefined {
  const description = parseModelDescription(JSON.stringify({ runtime }), 'model.yaml');
  return runtimeOptions(description, service).workers;
}

describe('the workers of a model', () => {
  test('are those of the service where model.yaml says nothing of threads', () => {
    expect(workersOf({}, { workers: 3, intraOpThreads: 1 })).toBe(3);
    expect(workersOf({}, { workers: 3, intraOpThreads: 2 })).toBe(3);
  });

  test('are fewer where its runs take more threads', () => {
    expect(workersOf({ intraOpThreads: 2 }, { workers: 6, intraOpThreads: 1 })).toBe(3);
    // Branches side by side: three threads a run.
    expect(workersOf({ intraOpThreads: 2, executionMode: 'parallel' }, { workers: 6, intraOpThreads: 1 })).toBe(2);
  });

  test('never run more threads than those of the service, unless one run alone does', () => {
    const count = fc.integer({ min: 1, max: 64 });
    fc.assert(
      fc.property(count, count, count, (workers, intraOpThreads, own) => {
        const found = workersOf({ intraOpThreads: own }, { workers, intraOpThreads }) ?? 0;
        expect(found === 1 || found * own <= workers * intraOpThreads).toBe(true);
      }),
    );
  });

  test('are those of model.yaml where it names them', () => {
    expect(workersOf({ intraOpThreads: 4, workers: 2 }, { workers: 4, intraOpThreads: 1 })).toBe(2);
  });

  test('are left to the cores where nobody names any', () => {
    expect(workersOf({ intraOpThreads: 4 }, { intraOpThreads: 1 })).toBeUndefined();
  });
});

test('the bound of batches is that of model.yaml, else that of the service', () => {
  const description = parseModelDescription('runtime: {maxBatch: 3}', 'model.yaml');
  expect(runtimeOptions(description, { maxBatchRows: 7 }).maxBatchRows).toBe(3);
  expect(runtimeOptions(undefined, { maxBatchRows: 7 }).maxBatchRows).toBe(7);
});
