import { describe, expect, test } from '@jest/globals';
import { described, mistakesOf } from './support';

const FEATURES = ['features:', '  - {name: age, type: number}'];

describe('a feature view in model.yaml', () => {
  test('what is left out has a default', () => {
    const { featureView, cache } = described(...FEATURES, 'featureView: {name: user}', 'cache: {}');
    expect([featureView, cache?.public]).toEqual([
      { name: 'user', ttlSeconds: 300, unknownTtlSeconds: 10, staleSeconds: 600, budgetMs: 25, onStoreError: 'reject' },
      false,
    ]);
  });

  test.each([
    ['a feature that the model has not', [...FEATURES, 'featureView: {name: user, features: [ago]}'], "found 'ago'"],
    ['no features', ['featureView: {name: user}'], 'has no use without features'],
    ['a file elsewhere', [...FEATURES, 'featureView: {name: user, file: ../f.jsonl}'], 'beside model.yaml'],
    ['a file of another kind', [...FEATURES, 'featureView: {name: user, file: f.csv}'], '.jsonl or .parquet'],
    ['an unknown policy', [...FEATURES, 'featureView: {name: user, onStoreError: ignore}'], 'reject, defaults'],
    [
      'a feature called as what names the entity',
      ['features:', '  - {name: entity, type: number}', 'featureView: {name: user}'],
      "found 'entity'",
    ],
  ])('%s is a mistake', (_, lines, message) => {
    expect(mistakesOf(() => described(...lines))).toEqual([expect.stringContaining(message)]);
  });
});
