import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { withinBudget } from '../../../service/cache/budget';

describe('a budget of time', () => {
  test('ends work that does not end by itself', async () => {
    await expect(withinBudget(new Promise(() => {}), 15)).rejects.toThrow('no answer within 15 ms');
  });

  test('hands on what the work gives, or fails with', async () => {
    expect(await withinBudget(Promise.resolve(7), 15)).toBe(7);
    await expect(withinBudget(Promise.reject(new Error('down')), 15)).rejects.toThrow('down');
  });

  test('is not used up by an event loop that was busy', async () => {
    // GIVEN an answer that is there as soon as the loop looks
    const answer = withinBudget(readFile(__filename), 15);
    // WHEN the loop is busy for longer than the budget
    const untilMs = performance.now() + 60;
    while (performance.now() < untilMs);
    // THEN it is still taken
    expect((await answer).length).toBeGreaterThan(0);
  });
});
