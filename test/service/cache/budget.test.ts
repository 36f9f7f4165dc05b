import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
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
    // GIVEN a connection on which the answer has arrived before the loop looks
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const [peer] = (await once(server, 'connection')) as [Socket];
    // A client that leaves with unread bytes resets the connection.
    peer.on('error', () => {});
    const answer = withinBudget(once(client, 'data'), 15);
    peer.write('here');
    try {
      // WHEN the loop is busy for longer than the budget
      const untilMs = performance.now() + 60;
      while (performance.now() < untilMs);
      // THEN it is still taken
      expect(String(await answer)).toBe('here');
    } finally {
      client.destroy();
      server.close();
    }
  });
});
