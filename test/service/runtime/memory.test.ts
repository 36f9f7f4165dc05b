import { expect, test } from '@jest/globals';
import { fp32, later, loadFixture } from './fixtures';

const WARM_UP_CYCLES = 5;
const CYCLES = 25;
/** A thread that stays takes more than 4 MiB; 25 of them would show. */
const ALLOWED_GROWTH_MIB = 60;

test.each(['inline', 'worker'] as const)('memory is given back when a model is unloaded (%s)', async (executor) => {
  // GIVEN what the process takes after a few cycles
  const cycle = async (): Promise<void> => {
    const runtime = await loadFixture('add', { executor, workers: 1 });
    const inputs = [fp32([1, 3], [1, 2, 3]), fp32([1, 3], [1, 2, 3])];
    await runtime.submit({ inputs, rows: 1, outputs: [0], deadlineMs: later() });
    await runtime.close();
  };
  for (let i = 0; i < WARM_UP_CYCLES; i += 1) await cycle();
  const before = process.memoryUsage.rss();
  // WHEN it loads and unloads many times more
  for (let i = 0; i < CYCLES; i += 1) await cycle();
  // THEN it has not grown by more than what allocators keep
  const grownMib = (process.memoryUsage.rss() - before) / 2 ** 20;
  expect(grownMib).toBeLessThan(ALLOWED_GROWTH_MIB);
});
