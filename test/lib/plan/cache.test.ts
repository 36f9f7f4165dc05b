import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { planCache, ttlCache } from '../../../lib/plan/cache';
import { PROFILE, specOf } from './support';

describe('a cache whose entries live for a fixed time', () => {
  test('hits λT/(1 + λT) of the requests of equally popular entities', () => {
    // 10 entities at 1 request/s each, kept for 9 s: 9 of 10 requests are hits, and 9 entities are present.
    const { hitRatio, entries } = ttlCache(10, 9, { entities: 10, exponent: 0 });
    expect([hitRatio, entries]).toEqual([expect.closeTo(0.9, 9), expect.closeTo(9, 9)]);
  });

  test('with groups of entities is that with each of them', () => {
    const popularity = { entities: 50_000, exponent: 0.8 };
    const weights = Array.from({ length: popularity.entities }, (_, i) => (i + 1) ** -popularity.exponent);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const exact = weights.reduce((sum, weight) => {
      const requests = (500 * 60 * weight) / total;
      return sum + ((weight / total) * requests) / (1 + requests);
    }, 0);
    expect(ttlCache(500, 60, popularity).hitRatio).toBeCloseTo(exact, 4);
  });

  test('never hits less, and never holds fewer entries, with more traffic', () => {
    const rate = fc.double({ min: 0.1, max: 1e5, noNaN: true });
    fc.assert(
      fc.property(rate, rate, (qps, more) => {
        const popularity = { entities: 10_000, exponent: 0.8 };
        const [less, greater] = [ttlCache(qps, 60, popularity), ttlCache(qps + more, 60, popularity)];
        expect(greater.hitRatio).toBeGreaterThanOrEqual(less.hitRatio);
        expect(greater.entries).toBeGreaterThanOrEqual(less.entries);
      }),
    );
  });
});

describe('the hit ratio of a plan', () => {
  const spec = specOf(100);
  const source = (profile: Partial<typeof PROFILE>, given?: number) =>
    planCache(spec.models, new Map([['fraud', { ...PROFILE, ...profile }]]), 1, given).figures[0];

  test('is what was given, before what was measured', () => {
    expect(source({ cacheHitRatio: 0.4 }, 0.3)).toMatchObject({ value: 30, source: 'given' });
  });

  test('is what was measured, before an assumption', () => {
    expect(source({ cacheHitRatio: 0.4 })).toMatchObject({ value: 40, source: 'measured' });
  });

  test('of a measurement with distinct inputs is an assumption', () => {
    expect(source({ cacheHitRatio: 0 })).toMatchObject({ source: 'assumed' });
  });
});
