import { describe, expect, test } from '@jest/globals';
import { redisNodes } from '../../../lib/plan/redis-nodes';

describe('the nodes of Redis', () => {
  test.each([
    [1, 1, 'cache.t4g.small', 1],
    // 1,052 MiB is the last that fits three quarters of 1,403.
    [1052, 1, 'cache.t4g.small', 1],
    [1053, 1, 'cache.t4g.medium', 1],
    [3000, 3, 'cache.t4g.small', 3],
    // 20,214 MiB is three quarters of the largest.
    [20_214, 1, 'cache.r7g.xlarge', 1],
    [20_215, 1, 'cache.r7g.xlarge', 2],
    [1e9, 1, 'cache.r7g.xlarge', 500],
  ])('for %d MiB on %d shards are %s, %d shards', (memoryMib, shards, type, needed) => {
    expect(redisNodes(memoryMib, shards, 'cache.t4g.small')).toEqual({ nodeType: type, shards: needed });
  });

  test('are no smaller than asked', () => {
    expect(redisNodes(1, 3, 'cache.r7g.large')).toEqual({ nodeType: 'cache.r7g.large', shards: 3 });
  });
});
