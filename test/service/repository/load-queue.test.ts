import { expect, test } from '@jest/globals';
import { LoadQueue } from '../../../service/repository/load-queue';

const nextTick = () => new Promise((resolve) => setImmediate(resolve));

test('runs at most as many tasks at the same time as allowed, in the order given', async () => {
  // GIVEN
  const queue = new LoadQueue(2);
  const events: string[] = [];
  let running = 0;
  let most = 0;
  const run = (name: string) =>
    queue.run(async () => {
      events.push(name);
      running += 1;
      most = Math.max(most, running);
      await nextTick();
      await nextTick();
      running -= 1;
    });

  // WHEN some come at once, and others when places have changed hands
  const early = ['a', 'b', 'c', 'd'].map(run);
  await Promise.all(early.slice(0, 2));
  await Promise.all([...early, ...['e', 'f', 'g'].map(run)]);

  // THEN
  expect({ events: events.join(''), most }).toEqual({ events: 'abcdefg', most: 2 });
});

test('a task that fails makes room for the next', async () => {
  // GIVEN
  const queue = new LoadQueue(1);
  const failed = queue.run(async () => {
    throw new Error('broken');
  });

  // WHEN
  let ran = false;
  const next = queue.run(async () => {
    ran = true;
  });

  // THEN
  await expect(failed).rejects.toThrow('broken');
  await next;
  expect(ran).toBe(true);
});

test('a task that comes when all have ended starts at once', async () => {
  // GIVEN
  const queue = new LoadQueue(1);
  await queue.run(async () => undefined);

  // WHEN
  let ran = false;
  void queue.run(async () => {
    ran = true;
  });

  // THEN
  expect(ran).toBe(true);
});
