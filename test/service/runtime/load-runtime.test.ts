import { describe, expect, test } from '@jest/globals';
import { fp32, int64, later, loadFixture, withFixture } from './fixtures';

describe('what a loaded model is', () => {
  test('a model whose rows are independent runs in batches', () =>
    withFixture('add', {}, async (runtime) => {
      expect(runtime).toMatchObject({ batchable: true, notBatchedBecause: undefined });
      expect(runtime.maxBatchRows).toBeGreaterThan(1);
      expect(runtime.signature.inputs.map(({ name }) => name)).toEqual(['a', 'b']);
    }));

  test('a model of tens of milliseconds runs on workers', () =>
    withFixture('slow', { workers: 1 }, async (runtime) => {
      expect(runtime.executor).toBe('worker');
    }));

  test('the executor can be chosen', async () => {
    await withFixture('add', { executor: 'worker', workers: 1 }, async (runtime) => {
      expect(runtime.executor).toBe('worker');
    });
    await withFixture('slow', { executor: 'inline' }, async (runtime) => {
      expect(runtime.executor).toBe('inline');
    });
  });

  test('the largest batch can be bounded', () =>
    withFixture('add', { maxBatchRows: 3 }, async (runtime) => {
      expect(runtime.maxBatchRows).toBe(3);
    }));

  test('a model whose rows are not independent runs one request at a time, and says why', () =>
    withFixture('center', {}, async (runtime) => {
      expect(runtime).toMatchObject({
        batchable: false,
        maxBatchRows: 1,
        notBatchedBecause: 'two rows together give other outputs than each alone',
      });
    }));

  test('examples are asked for with the signature, and used', () =>
    withFixture(
      'embed_high',
      { exampleInputs: async ({ inputs }) => [int64(inputs[0]?.name === 'index' ? [101, 99] : [])] },
      async (runtime) => {
        expect(runtime.batchable).toBe(true);
      },
    ));
});

describe('what cannot be loaded', () => {
  test.each([
    ['truncated', 'the file cannot be loaded as an ONNX model: Protobuf parsing failed.'],
    ['sequence', "output 'list' is not a tensor but a sequence, map or optional"],
  ])('%s is refused with its reason', async (model, reason) => {
    await expect(loadFixture(model)).rejects.toThrow(reason);
  });

  test('an error of the examples is passed on', async () => {
    const exampleInputs = () => {
      throw new Error('the example has no income');
    };
    await expect(loadFixture('add', { exampleInputs })).rejects.toThrow('the example has no income');
  });

  test('a worker file that does not run is said to be the reason', async () => {
    await expect(loadFixture('add', {}, undefined, '/nowhere/worker.js')).rejects.toThrow('/nowhere/worker.js');
  });
});

test('the event loop goes on while a model is loaded and measured', async () => {
  // GIVEN a count of how often the event loop comes round
  let turns = 0;
  const counter = setInterval(() => {
    turns += 1;
  }, 1);
  // WHEN a slow model loads, the probe of which alone blocks its thread for several runs of some 30 ms
  const loading = loadFixture('slow', { workers: 1 });
  const runtime = await loading;
  clearInterval(counter);
  await runtime.submit({ inputs: [fp32([1, 64], new Array(64).fill(1))], rows: 1, outputs: [0], deadlineMs: later() });
  await runtime.close();
  // THEN it never stood still for long
  expect(turns).toBeGreaterThan(10);
});
