import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { evaluate, lossOf, METRIC_NAMES, suitingMetric } from '../../../cli/optimize/metrics';

const LABELS = ['good', 'bad'];

describe('accuracy', () => {
  test.each([
    ['names', ['bad', 'good', 'good']],
    ['positions', [1, 0, 0]],
    ['positions as texts of a CSV', ['1', '0', '0']],
  ])('takes labels as %s', (_, labels) => {
    const scores = [
      [0.2, 0.8],
      [0.9, 0.1],
      [0.4, 0.6],
    ];
    expect(evaluate('accuracy', { scores, labels: LABELS }, { labels, groups: undefined })).toBeCloseTo(2 / 3);
  });

  test('refuses a label that the model does not have', () => {
    const truth = { labels: ['ugly'], groups: undefined };
    expect(() => evaluate('accuracy', { scores: [[1, 0]], labels: LABELS }, truth)).toThrow(
      'found the label "ugly", expected one of good, bad, or a position',
    );
  });
});

test('auc is 1 for scores in the order of the labels, and one half for equal ones', () => {
  const truth = { labels: [0, 0, 1], groups: undefined };
  expect(evaluate('auc', { scores: [[1], [2], [3]], labels: undefined }, truth)).toBe(1);
  expect(evaluate('auc', { scores: [[1], [1], [1]], labels: undefined }, truth)).toBe(0.5);
});

test('auc without rows of both kinds says so', () => {
  const truth = { labels: [0, 0], groups: undefined };
  expect(() => evaluate('auc', { scores: [[1], [2]], labels: undefined }, truth)).toThrow('rows labelled 1');
});

test('nothing is lost from a value to itself', () => {
  fc.assert(
    fc.property(fc.constantFrom(...METRIC_NAMES), fc.double({ min: 0, max: 1, noNaN: true }), (metric, value) => {
      expect(lossOf(metric, value, value)).toBe(0);
    }),
  );
});

test('all is lost to a value that is no number', () => {
  fc.assert(
    fc.property(fc.constantFrom(...METRIC_NAMES), fc.double({ min: 0, max: 1, noNaN: true }), (metric, value) => {
      expect(lossOf(metric, value, Number.NaN)).toBe(Number.POSITIVE_INFINITY);
    }),
  );
});

describe('answers that are no numbers', () => {
  const perfect = {
    accuracy: [
      [0.9, 0.1, 0],
      [0.2, 0.8, 0],
    ],
    'hit-rate@5': [
      [0.9, 0.1, 0],
      [0.2, 0.8, 0],
    ],
    auc: [[0.1], [0.9]],
    'ndcg@10': [[0.1], [0.9]],
  };
  const truth = { labels: [0, 1], groups: [1, 1] };

  test.each(['accuracy', 'hit-rate@5', 'auc', 'ndcg@10'] as const)('have no %s', (metric) => {
    const scores = perfect[metric];
    expect(evaluate(metric, { scores, labels: undefined }, truth)).toBe(1);
    const none = scores.map((row) => row.map(() => Number.NaN));
    expect(evaluate(metric, { scores: none, labels: undefined }, truth)).toBe(0);
  });

  test('never make a metric better than the answers that they stand for', () => {
    const broken = fc.subarray([0, 1, 2, 3]);
    const scored = fc.array(fc.double({ noNaN: true }), { minLength: 4, maxLength: 4 });
    const metrics = fc.constantFrom('accuracy', 'auc', 'ndcg@10', 'hit-rate@5');
    const labels = [1, 0, 1, 0];
    fc.assert(
      fc.property(metrics, scored, broken, (metric, values, rows) => {
        const of = (scores: readonly number[]) =>
          evaluate(
            metric,
            { scores: scores.map((score) => [0, score]), labels: undefined },
            { labels, groups: [1, 1, 1, 1] },
          );
        const positives = rows.filter((row) => labels[row] === 1);
        const changed = values.map((score, row) => (positives.includes(row) ? Number.NaN : score));
        expect(of(changed)).toBeLessThanOrEqual(of(values));
      }),
    );
  });
});

test('more error is a loss, more accuracy a gain', () => {
  expect(lossOf('rmse', 2, 2.2)).toBeCloseTo(0.1);
  expect(lossOf('accuracy', 0.9, 0.92)).toBeCloseTo(-0.02);
});

test.each([
  ['accuracy', [[0.1, 0.9]], [1], undefined],
  ['auc', [[0.1], [0.7]], ['0', '1'], undefined],
  ['rmse', [[0.1], [0.7]], [3.5, 1], undefined],
  ['ndcg@10', [[0.1], [0.7]], [2, 0], [1, 1]],
] as const)('%s suits these answers and labels', (metric, scores, labels, groups) => {
  expect(suitingMetric({ scores, labels: undefined }, { labels, groups })).toBe(metric);
});
