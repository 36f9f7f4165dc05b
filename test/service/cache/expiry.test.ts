import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isDueForRenewal, jitteredTtlMs } from '../../../service/cache/expiry';

const unit = fc.double({ min: 0, max: 0.999_999, noNaN: true });

function kept(expiresMs: number, runMs: number) {
  return { row: [], expiresMs, runMs };
}

describe('the life of a row', () => {
  test('is a tenth longer or shorter at most', () => {
    fc.assert(
      fc.property(unit, (random) => {
        const ttlMs = jitteredTtlMs(1000, random);
        return ttlMs >= 900 && ttlMs <= 1100;
      }),
    );
  });

  test('takes the whole range', () => {
    expect([jitteredTtlMs(1000, 0), jitteredTtlMs(1000, 0.5), jitteredTtlMs(1000, 1)]).toEqual([900, 1000, 1100]);
  });
});

describe('early renewal', () => {
  test('is sure once the end has come', () => {
    fc.assert(
      fc.property(unit, fc.nat(1000), (random, runMs) => isDueForRenewal(kept(1000, runMs), 1000, () => random)),
    );
  });

  test('happens e^-k of the time when the end is k runs away', () => {
    // GIVEN readers with all random numbers there are, evenly spaced
    const readers = Array.from({ length: 10_000 }, (_, i) => i / 10_000);
    for (const runs of [0.5, 1, 2, 3]) {
      const due = readers.filter((random) => isDueForRenewal(kept(1000 + runs * 100, 100), 1000, () => random));
      expect(Math.abs(due.length / readers.length - Math.exp(-runs))).toBeLessThan(0.001);
    }
  });

  test('is not thought of while the end is far', () => {
    const random = () => {
      throw new Error('no random number is needed');
    };
    expect(isDueForRenewal(kept(10_000, 10), 1000, random)).toBe(false);
  });

  test('comes earlier the longer a run takes', () => {
    fc.assert(
      fc.property(unit, fc.nat(1000), fc.nat(1000), (random, runMs, moreMs) => {
        const due = isDueForRenewal(kept(2000, runMs), 1000, () => random);
        return !due || isDueForRenewal(kept(2000, runMs + moreMs), 1000, () => random);
      }),
    );
  });
});
