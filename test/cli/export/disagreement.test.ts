import { describe, expect, test } from '@jest/globals';
import type { ModelFacts } from '../../../cli/export/describe';
import { disagreementOf, wordsToCheck } from '../../../cli/export/disagreement';
import { parseModelDescription } from '../../../service/model/description';
import type { TensorSignature } from '../../../service/tensor';

const TABLE: TensorSignature = { inputs: [{ name: 'x', datatype: 'FP32', shape: ['batch', 2] }], outputs: [] };
const COLUMNS: TensorSignature = {
  inputs: ['age', 'spend'].map((name) => ({ name, datatype: 'FP32', shape: ['batch', 1] })),
  outputs: [],
};

interface Case extends Partial<ModelFacts> {
  readonly described?: readonly string[];
  readonly words?: readonly string[];
  readonly signature?: TensorSignature;
}

function disagreement({ described = ['age', 'spend'], words, features, labels, signature = TABLE }: Case) {
  const description = {
    features: described.map((name) => ({ name, type: 'number', ...(signature === COLUMNS && { input: name }) })),
    ...(words && { prediction: { type: 'classification', output: 'p', labels: words } }),
  };
  const file = 'models/churn/model.yaml';
  return disagreementOf(parseModelDescription(JSON.stringify(description), file), { features, labels }, signature);
}

describe('a new version of a model that is described', () => {
  test('with other classes than it has labels is told with both', () => {
    expect(disagreement({ words: ['churn', 'stay'], labels: ['a_yes', 'z_no'] })).toBe(
      'its classes are [a_yes, z_no], but models/churn/model.yaml has the labels [churn, stay]: ' +
        'train it with those classes, or export it under another name with --name',
    );
  });

  test('with many columns is told with the first that differs', () => {
    const described = Array.from({ length: 60 }, (_, i) => `column${i}`);
    const features = described.with(2, 'age');
    expect(disagreement({ described, features })).toMatch(
      /^its column 3 is 'age', but models\/churn\/model\.yaml has 'column2' there: train it with the columns in that order/,
    );
  });

  test('with more columns than it has features is told with both', () => {
    expect(disagreement({ features: ['age', 'spend', 'calls'] })).toContain('[age, spend, calls], but ');
  });

  test('with fewer classes of many than it has labels is told with the first that lacks', () => {
    const words = Array.from({ length: 60 }, (_, i) => `label${i}`);
    expect(disagreement({ words, labels: words.slice(0, 59) })).toContain(
      "its class 60 is none, but models/churn/model.yaml has 'label59'",
    );
  });

  test('with numbers for classes is told where the labels are other numbers', () => {
    expect(disagreement({ words: ['1', '0'], labels: ['0', '1'] })).toContain('its classes are [0, 1]');
  });

  test.each<[string, Case]>([
    ['the same columns and classes', { features: ['age', 'spend'], words: ['a', 'b'], labels: ['a', 'b'] }],
    ['columns without names', { features: undefined }],
    ['columns with one name for two', { features: ['spend', 'spend'] }],
    ['names for columns that were only numbered', { described: ['feature1', 'feature2'], features: ['spend', 'age'] }],
    ['columns that are inputs, found by name', { features: ['spend', 'age'], signature: COLUMNS }],
    ['codes for which the labels are words', { words: ['stay', 'churn'], labels: ['0', '1'] }],
    ['truths for which the labels are words', { words: ['stay', 'churn'], labels: ['False', 'True'] }],
    ['classes, but no labels', { labels: ['a', 'b'] }],
  ])('agrees with %s', (_, one) => {
    expect(disagreement(one)).toBeUndefined();
  });
});

describe('labels of model.yaml are told for a check', () => {
  const words = (labels: readonly string[] | undefined) => {
    const description = {
      features: [{ name: 'age', type: 'number' }],
      prediction: { type: 'classification', output: 'p', labels: ['churn', 'stay'] },
    };
    return wordsToCheck(parseModelDescription(JSON.stringify(description), 'model.yaml'), { labels });
  };

  test('where classes are codes', () => {
    expect(words(['0', '1'])).toBe('answers take the labels of model.yaml, check them: 0 is churn, 1 is stay');
  });

  test.each([[['churn', 'stay']], [undefined]])('not where classes are %s', (labels) => {
    expect(words(labels)).toBeUndefined();
  });
});
