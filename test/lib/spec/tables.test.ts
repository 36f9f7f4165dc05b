import { describe, expect, test } from '@jest/globals';
import { tierOf } from '../../../lib/spec/tiers';
import { USE_CASE_NAMES, USE_CASES, type UseCase } from '../../../lib/spec/use-cases';

describe('use cases', () => {
  test.each([
    ['recommendations', 20, 50, 100],
    ['search-ranking', 50, 100, 200],
    ['fraud-detection', 50, 100, 200],
    ['image-classification', 100, 200, 500],
  ] as const)('%s: acceptable from %i, p95 %i, acceptable to %i ms', (name, acceptableFromMs, p95Ms, acceptableMs) => {
    expect(USE_CASES[name]).toMatchObject({ acceptableFromMs, slo: { p95Ms, acceptableMs } });
  });

  test('batch predictions promise no latency', () => {
    expect(USE_CASES['batch-predictions'].slo).toBeUndefined();
  });

  test('each target lies within its acceptable range', () => {
    for (const name of USE_CASE_NAMES) {
      const { slo, acceptableFromMs = 0 }: UseCase = USE_CASES[name];
      if (slo === undefined) continue;
      expect(acceptableFromMs).toBeLessThan(slo.p95Ms);
      expect(slo.p95Ms).toBeLessThan(slo.acceptableMs);
    }
  });
});

describe('tiers', () => {
  test.each([
    [0, 'small'],
    [99.9, 'small'],
    [100, 'medium'],
    [999, 'medium'],
    [1000, 'large'],
    [10_000, 'large'],
    [10_001, 'very-large'],
    [1_000_000, 'very-large'],
  ])('%d requests/s at peak are %s', (peakQps, name) => {
    expect(tierOf(peakQps).name).toBe(name);
  });
});
