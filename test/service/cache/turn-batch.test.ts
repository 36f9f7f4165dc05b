import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { TurnBatch } from '../../../service/cache/turn-batch';

describe('lookups of one turn', () => {
  test('are one, and each gets the values of its own keys', async () => {
    const requests = fc.array(fc.array(fc.string(), { maxLength: 5 }), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(requests, async (sent) => {
        const fetched: string[][] = [];
        const batch = new TurnBatch(async (keys) => {
          fetched.push([...keys]);
          return keys.map((key) => `value of ${key}`);
        });
        const got = await Promise.all(sent.map((keys) => batch.get(keys)));
        expect(got).toEqual(sent.map((keys) => keys.map((key) => `value of ${key}`)));
        expect(fetched).toEqual([sent.flat()]);
      }),
    );
  });

  test('fail together, and the next turn is another', async () => {
    let calls = 0;
    const batch = new TurnBatch(async (keys) => {
      if (calls++ === 0) throw new Error('down');
      return keys;
    });
    const failed = await Promise.allSettled([batch.get(['a']), batch.get(['b'])]);
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await batch.get(['c'])).toEqual(['c']);
  });
});
