import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ARRIVALS, type Schedule, schedule } from '../../../../cli/load/schedule/arrivals';
import { seeded } from '../../../../cli/load/schedule/random';
import { RateProfile } from '../../../../cli/load/schedule/rate-profile';

function all(next: Schedule): number[] {
  const times: number[] = [];
  for (let time = next(); time !== undefined; time = next()) times.push(time);
  return times;
}

const rate = fc.double({ min: 0, max: 500, noNaN: true }).map((qps) => Math.round(qps));
const stretches = fc.array(fc.record({ seconds: fc.integer({ min: 1, max: 10 }), fromQps: rate, toQps: rate }), {
  minLength: 1,
  maxLength: 6,
});

describe('arrivals', () => {
  test('of a constant rate are evenly spaced', () => {
    const profile = new RateProfile([{ seconds: 2, fromQps: 2, toQps: 2 }]);
    expect(all(schedule(profile, 'constant', seeded(1)))).toEqual([250, 750, 1250, 1750]);
  });

  test('of a ramp come as the square root of their number', () => {
    const profile = new RateProfile([{ seconds: 10, fromQps: 0, toQps: 2 }]);
    // 10 requests; the k-th is due at sqrt(10 (k − 0.5)) seconds
    const times = all(schedule(profile, 'constant', seeded(1)));
    expect(times).toHaveLength(10);
    for (const [i, time] of times.entries()) expect(time).toBeCloseTo(1000 * Math.sqrt(10 * (i + 0.5)), 6);
  });

  test('never come while the rate is zero', () => {
    const profile = new RateProfile([
      { seconds: 1, fromQps: 100, toQps: 100 },
      { seconds: 5, fromQps: 0, toQps: 0 },
      { seconds: 1, fromQps: 100, toQps: 100 },
    ]);
    const times = all(schedule(profile, 'poisson', seeded(7)));
    expect(times.filter((time) => time > 1000 && time < 6000)).toEqual([]);
    expect(times.length).toBeGreaterThan(150);
  });

  test('are in order and within the duration, whatever the rates', () => {
    fc.assert(
      fc.property(stretches, fc.constantFrom(...ARRIVALS), fc.integer(), (pieces, arrivals, seed) => {
        const profile = new RateProfile(pieces);
        const times = all(schedule(profile, arrivals, seeded(seed)));
        expect(times.every((time, i) => time >= (times[i - 1] ?? 0) && time <= profile.durationSeconds * 1000)).toBe(
          true,
        );
      }),
      { numRuns: 50 },
    );
  });

  test('are as many as the rates ask for', () => {
    fc.assert(
      fc.property(stretches, fc.integer(), (pieces, seed) => {
        const profile = new RateProfile(pieces);
        expect(
          Math.abs(all(schedule(profile, 'constant', seeded(seed))).length - profile.requests),
        ).toBeLessThanOrEqual(0.5);
        const poisson = all(schedule(profile, 'poisson', seeded(seed))).length;
        // Six standard deviations of a Poisson count, and one for small counts.
        expect(Math.abs(poisson - profile.requests)).toBeLessThan(6 * Math.sqrt(profile.requests) + 6);
      }),
      { numRuns: 50 },
    );
  });

  test('of a Poisson process are as far apart as exponential times: mean and deviation are equal', () => {
    const profile = new RateProfile([{ seconds: 100, fromQps: 500, toQps: 500 }]);
    const times = all(schedule(profile, 'poisson', seeded(3)));
    const gaps = times.map((time, i) => time - (times[i - 1] ?? 0));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);
    expect(mean).toBeCloseTo(2, 1);
    expect(deviation / mean).toBeCloseTo(1, 1);
  });
});

test('a rate between two times of a ramp is in proportion', () => {
  const profile = new RateProfile([
    { seconds: 10, fromQps: 0, toQps: 100 },
    { seconds: 5, fromQps: 50, toQps: 50 },
  ]);
  expect([0, 5, 9, 12, 15, 16, -1].map((time) => profile.rateAt(time))).toEqual([0, 50, 90, 50, 50, 0, 0]);
});
