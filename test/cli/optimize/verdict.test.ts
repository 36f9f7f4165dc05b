import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Comparison, judge, ranked, type VerdictRules } from '../../../cli/optimize/verdict';
import { median } from '../../../cli/statistics';

const ratios = fc.array(fc.double({ min: 0.1, max: 10 }), { minLength: 1, maxLength: 9 });
const comparisons: fc.Arbitrary<Comparison> = fc.record({
  latency: ratios,
  throughput: ratios,
  loss: fc.option(fc.double({ min: -1 }), { nil: undefined }),
});
const rules: fc.Arbitrary<VerdictRules> = fc.record({
  maxLoss: fc.double({ min: 0, max: 1, noNaN: true }),
  noise: fc.double({ min: 0, max: 0.5 }),
  isProof: fc.boolean(),
});
const RULES: VerdictRules = { maxLoss: 0.01, noise: 0.02, isProof: true };
const rounds = (ratio: number) => Array.from({ length: 9 }, () => ratio);

describe('the verdict', () => {
  test('never recommends what is slower in anything, loses too much or was not proven', () => {
    fc.assert(
      fc.property(comparisons, rules, (comparison, rule) => {
        const verdict = judge(comparison, rule);
        if (verdict.outcome !== 'pays') return;
        expect(median(comparison.latency)).toBeGreaterThan(1 / 1.05 / (1 + 2 * rule.noise));
        expect([verdict.latency, verdict.throughput]).not.toContain('slower');
        expect([verdict.latency, verdict.throughput]).toContain('faster');
        expect(comparison.loss).toBeLessThanOrEqual(rule.maxLoss);
        expect(rule.isProof).toBe(true);
      }),
    );
  });

  test('takes nothing for faster that differs less than two copies of the original do', () => {
    fc.assert(
      fc.property(comparisons, rules, (comparison, rule) => {
        const { latency, latencySpeedup } = judge(comparison, rule);
        if (Math.abs(latencySpeedup - 1) < rule.noise) expect(latency).toBe('same');
      }),
    );
  });

  test('of the inverse of what is faster is slower', () => {
    fc.assert(
      fc.property(ratios, (latency) => {
        // GIVEN an odd number of rounds, since the median of an even one is no round's own
        const odd = latency.length % 2 === 1 ? latency : latency.slice(1);
        if (judge({ latency: odd, throughput: [1], loss: 0 }, RULES).latency !== 'faster') return;
        const inverse = odd.map((ratio) => 1 / ratio);
        expect(judge({ latency: inverse, throughput: [1], loss: 0 }, RULES).latency).toBe('slower');
      }),
    );
  });

  test.each([
    ['pays', { latency: rounds(1.5), throughput: rounds(1) }, 0],
    ['no gain', { latency: rounds(1.03), throughput: rounds(1) }, 0],
    ['slower', { latency: rounds(1), throughput: rounds(0.8) }, 0],
    ['mixed', { latency: rounds(1.6), throughput: rounds(0.8) }, 0],
    ['loses too much', { latency: rounds(1.5), throughput: rounds(1) }, 0.02],
    ['loses too much', { latency: rounds(1.5), throughput: rounds(1) }, Number.NaN],
    ['mixed', { latency: rounds(1.5), throughput: rounds(Number.NaN) }, 0],
  ] as const)('is %s', (outcome, speed, loss) => {
    expect(judge({ ...speed, loss }, RULES).outcome).toBe(outcome);
  });

  test('is unproven where only made-up inputs were compared', () => {
    const speed = { latency: rounds(1.5), throughput: rounds(1.5) };
    expect(judge({ ...speed, loss: 0 }, { ...RULES, isProof: false }).outcome).toBe('unproven');
  });

  test('takes one lucky round for nothing', () => {
    // GIVEN a median above the threshold that only five of nine rounds agree on
    const latency = [1.3, 1.3, 1.3, 1.3, 1.3, 0.9, 0.9, 0.9, 0.9];
    expect(judge({ latency, throughput: rounds(1), loss: 0 }, RULES).latency).toBe('same');
  });
});

test('candidates that pay are ranked by what they gain, and no others', () => {
  const candidate = (latency: number, loss: number) => ({
    verdict: judge({ latency: rounds(latency), throughput: rounds(1), loss }, RULES),
  });
  const [small, large, lossy] = [candidate(1.2, 0), candidate(2, 0), candidate(5, 0.5)];
  expect(ranked([small, lossy, large])).toEqual([large, small]);
});
