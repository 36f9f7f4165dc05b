import { expect, test } from '@jest/globals';
import { RestartBackoff } from '../../../service/runtime/restart-backoff';

test('the first loss is made good at once, each further one waits twice as long, up to half a minute', () => {
  const backoff = new RestartBackoff();
  const delaysMs = Array.from({ length: 12 }, () => backoff.nextDelayMs(50));
  expect(delaysMs).toEqual([0, 100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000]);
});

test('a worker that lived long is replaced at once again', () => {
  const backoff = new RestartBackoff();
  for (let i = 0; i < 5; i += 1) backoff.nextDelayMs(50);
  expect([backoff.nextDelayMs(60_000), backoff.nextDelayMs(50)]).toEqual([0, 100]);
});
