import { describe, expect, test } from '@jest/globals';
import { Repeats, TooBusyError, tryUndisturbed } from '../../../../cli/load/capacity/repeats';
import { trialOf } from './trial';

const BUSY = 'other programs kept 1 of 2 cores busy meanwhile';
const HELD = { holds: true, disturbance: undefined };
const MISSED = { holds: false, disturbance: undefined };
const DISTURBED = { holds: false, disturbance: BUSY };

/** Trials that end so, one after the other; the last again and again. */
function trials(...ends: readonly { readonly holds: boolean; readonly disturbance: string | undefined }[]) {
  let made = 0;
  const tryOnce = async () => {
    const end = ends[Math.min(made++, ends.length - 1)] ?? HELD;
    return { report: trialOf(100, end) };
  };
  return { tryOnce, made: () => made };
}

describe('a trial', () => {
  test.each([
    ['that holds', HELD],
    ['that holds though disturbed', { holds: true, disturbance: BUSY }],
    ['that misses undisturbed', MISSED],
  ])('%s counts at once', async (_, end) => {
    const { tryOnce, made } = trials(end);
    expect((await tryUndisturbed(tryOnce, new Repeats(0))).report).toMatchObject(end);
    expect(made()).toBe(1);
  });

  test('that misses disturbed is made again until it counts', async () => {
    const { tryOnce } = trials(DISTURBED, DISTURBED, MISSED);
    expect((await tryUndisturbed(tryOnce, new Repeats(2))).report).toMatchObject(MISSED);
  });

  test('is given up where no repeats are left, of those that all trials share', async () => {
    // GIVEN three repeats, of which a first rate takes two
    const repeats = new Repeats(3);
    await tryUndisturbed(trials(DISTURBED, DISTURBED, HELD).tryOnce, repeats);
    // WHEN a second is disturbed for ever
    const { tryOnce, made } = trials(DISTURBED);
    await expect(tryUndisturbed(tryOnce, repeats)).rejects.toThrow(TooBusyError);
    // THEN it has been tried once more
    expect(made()).toBe(2);
  });
});
