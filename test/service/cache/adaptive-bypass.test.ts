import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AdaptiveBypass } from '../../../service/cache/adaptive-bypass';

/** Sends single rows, one a millisecond; `isHit` says which of those that take part hit. Returns how many took part. */
function send(bypass: AdaptiveBypass, rows: number, isHit: (row: number) => boolean, fromMs = 0): number {
  let tookPart = 0;
  for (let row = 0; row < rows; row++) {
    if (!bypass.takesPart(1, fromMs + row)) continue;
    tookPart++;
    bypass.record(1, isHit(row) ? 1 : 0, fromMs + row);
  }
  return tookPart;
}

const never = () => false;

describe('a cache that is passed by where it never hits', () => {
  test('rows that never hit soon pass by', () => {
    const bypass = new AdaptiveBypass(() => 0.5);
    const tookPart = send(bypass, 10_000, never);
    expect([tookPart, bypass.isBypassing]).toEqual([2000, true]);
  });

  test('in the long run all but a twentieth pass by', () => {
    const bypass = new AdaptiveBypass(() => 0.5);
    // GIVEN a rate at which the rows and not the clock end a bypass
    let tookPart = 0;
    for (let row = 0; row < 1_000_000; row++) {
      if (!bypass.takesPart(1, row / 100)) continue;
      tookPart++;
      bypass.record(1, 0, row / 100);
    }
    expect(tookPart / 1_000_000).toBeLessThan(0.06);
  });

  test('a hit in fifty rows is enough to keep it', () => {
    expect(send(new AdaptiveBypass(() => 0.5), 50_000, (row) => row % 50 === 0)).toBe(50_000);
  });

  test('traffic that begins to hit is noticed at the next look, and then keeps the cache', () => {
    const bypass = new AdaptiveBypass(() => 0.5);
    send(bypass, 5000, never);
    // WHEN every second row would hit from now on
    send(bypass, 60_000, (row) => row % 2 === 0, 5000);
    // THEN all take part again
    expect(send(bypass, 10_000, (row) => row % 2 === 0, 65_000)).toBe(10_000);
  });

  test('quiet traffic is looked at again after a while', () => {
    const bypass = new AdaptiveBypass(() => 0.5);
    send(bypass, 2000, never);
    expect(bypass.takesPart(1, 3000)).toBe(false);
    // The row that notices the time still passes by.
    bypass.takesPart(1, 60_000);
    expect(bypass.takesPart(1, 60_001)).toBe(true);
  });

  test('the time between two looks varies with chance, by half', () => {
    const passedBy = [0, 0.75].map((random) => {
      const bypass = new AdaptiveBypass(() => random);
      bypass.record(2000, 0, 0);
      let rows = 0;
      while (bypass.isBypassing) {
        bypass.takesPart(1, 0);
        rows++;
      }
      return rows;
    });
    expect(passedBy).toEqual([20_000, 50_000]);
  });

  test('whatever the traffic, it is always looked at again', () => {
    const requests = fc.array(fc.record({ rows: fc.integer({ min: 1, max: 5000 }), hits: fc.nat(100) }));
    fc.assert(
      fc.property(requests, (sent) => {
        const bypass = new AdaptiveBypass(() => 0.5);
        for (const { rows, hits } of sent) if (bypass.takesPart(rows, 0)) bypass.record(rows, Math.min(rows, hits), 0);
        bypass.takesPart(1, 1e9);
        return bypass.takesPart(1, 1e9);
      }),
    );
  });
});
