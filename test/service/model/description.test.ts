import { describe, expect, test } from '@jest/globals';
import { described, mistakesOf } from './support';

const FEATURES =
  'features: [{name: age, type: integer, minimum: 18}, {name: home, type: category, categories: [own, rent]}]';

describe('a description without mistakes', () => {
  test('is read with all its parts', () => {
    // WHEN
    const description = described(
      'description: Scores risk.',
      'useCase: fraud-detection',
      FEATURES,
      'prediction: {type: classification, output: p, labels: [good, bad], top: 1}',
      'cache: {ttlSeconds: 60}',
      'runtime: {maxBatch: 8}',
      'example: {instances: [{age: 20, home: own}]}',
    );

    // THEN
    expect(description).toMatchObject({
      useCase: 'fraud-detection',
      prediction: { type: 'classification', output: 'p', labels: ['good', 'bad'], top: 1 },
      cache: { enabled: true, ttlSeconds: 60 },
      runtime: { executor: 'auto', maxBatch: 8 },
      example: { instances: [{ age: 20, home: 'own' }] },
    });
    expect(description.features?.map(({ name }) => name)).toEqual(['age', 'home']);
  });

  test('has the usual preprocessing where an image only says its size', () => {
    expect(described('image: {width: 8, height: 4, channels: 3}').image).toEqual({
      width: 8,
      height: 4,
      channels: 3,
      layout: 'NCHW',
      fit: 'contain',
      background: 0,
      invert: false,
    });
  });

  test('may be as short as a sentence', () => {
    expect(described('description: Something.')).toMatchObject({ description: 'Something.' });
  });
});

describe('mistakes', () => {
  test('of all kinds are told at once, whatever else is wrong with the part they are in', () => {
    const mistakes = mistakesOf(() =>
      described(
        'features:',
        '  - {name: age, type: numbr, minimum: 9, maximum: 1}',
        '  - {name: age, type: integer, default: old}',
        '  - {name: home, type: category, categories: [own, own], colour: red}',
        'featureView: {name: user, features: [agee]}',
        'prediction: {type: classification, labels: [a, a], top: 3}',
      ),
    );
    expect(mistakes.map((mistake) => mistake.split(': ').slice(0, 2).join(': '))).toEqual([
      '2: features[0].type',
      '2: features[0].minimum',
      '3: features[1].name',
      '3: features[1].default',
      '4: features[2].categories[1]',
      '4: features[2].colour',
      '5: featureView.features[0]',
      '6: prediction.output',
      '6: prediction.labels[1]',
      '6: prediction.top',
    ]);
  });

  test.each([
    [
      'a feature name given twice',
      ['features:', '  - {name: a, type: number}', '  - {name: a, type: text}'],
      ["3: features[1].name: found 'a' again, first given at position 1"],
    ],
    [
      'a category given twice',
      ['features: [{name: a, type: category,', '  categories: [x, y,', '  x]}]'],
      ["3: features[0].categories[2]: found 'x' again, first given at position 1"],
    ],
    [
      'bounds in the wrong order',
      ['features: [{name: a, type: number, minimum: 3, maximum: 2}]'],
      ['1: features[0].minimum: found 3, expected at most the maximum 2'],
    ],
    [
      'a default beyond the bounds',
      ['features: [{name: a, type: integer, minimum: 3, default: 2}]'],
      ['1: features[0].default: found 2, expected a whole number of at least 3'],
    ],
    [
      'a default that is no category',
      ['features: [{name: a, type: category, categories: [x, y], default: z}]'],
      ['1: features[0].default: found "z", expected one of x, y'],
    ],
    [
      'a default that is said not to make the feature optional',
      ['features: [{name: a, type: boolean, default: true, optional: false}]'],
      ['1: features[0].optional: found false beside a default, which makes the feature optional'],
    ],
    [
      'features beside an image',
      [FEATURES, 'image: {width: 8, height: 4, channels: 3}'],
      ['2: image: stands beside features, expected one of the two'],
    ],
    [
      'a prediction without anything to predict from',
      ['prediction: {type: score, output: y}'],
      ['1: prediction: has no use without features or image, which say what a request brings'],
    ],
    [
      'means and deviations for other channels, and a division by zero',
      ['image:', '  {width: 8, height: 4, channels: 3, mean: [1],', '  std: [1, 0, 1]}'],
      [
        '2: image.mean: found 1 values, expected one for each of the 3 channels',
        '3: image.std[1]: found 0, by which nothing can be divided',
      ],
    ],
    [
      'a scale of zero',
      ['image: {width: 8, height: 4, channels: 1, scale: 0}'],
      ['1: image.scale: found 0, which makes every image equal'],
    ],
    [
      'more answers than labels, one of them given twice',
      [FEATURES, 'prediction: {type: recommendation, output: y, top: 4,', '  labels: [a, b, a]}'],
      [
        '2: prediction.top: found 4, expected at most the number of labels, 3',
        "3: prediction.labels[2]: found 'a' again, first given at position 1",
      ],
    ],
    [
      'labels for a score',
      [FEATURES, 'prediction: {type: score, output: y, labels: [a]}'],
      ["2: prediction.labels: found the unknown key 'labels', expected one of type, output"],
    ],
    [
      'an example that does not fit the features',
      [FEATURES, 'example:', '  instances:', '    - {age: 20, home: own}', '    - {age: 17, hom: own}'],
      [
        "5: example.instances[1]: instance 1: 'hom' is not a feature of this model (did you mean 'home'?); " +
          "instance 1: 'age' is 17, expected a whole number of at least 18; " +
          "instance 1: 'home' is missing, expected one of own, rent",
      ],
    ],
    [
      'an example image for a model of features',
      [FEATURES, 'example: a.png'],
      ['2: example: found text, expected a mapping with instances, since the model takes features'],
    ],
    [
      'example instances for a model of images',
      ['image: {width: 8, height: 4, channels: 3}', 'example: {instances: [{}]}'],
      ['2: example: found a mapping, expected the name of an image file, since the model takes images'],
    ],
    [
      'an example image outside the folder',
      ['image: {width: 8, height: 4, channels: 3}', 'example: ../a.png'],
      ["2: example: found '../a.png', expected the name of a .jpg, .jpeg or .png file beside model.yaml"],
    ],
    [
      'a mistyped use case',
      ['useCase: fraud'],
      [
        "1: useCase: found 'fraud', expected one of recommendations, search-ranking, fraud-detection, " +
          'image-classification, batch-predictions (did you mean fraud-detection?)',
      ],
    ],
  ])('%s is told with its line', (_, lines, expected) => {
    expect(mistakesOf(() => described(...lines))).toEqual(expected);
  });

  test('of the schema and of the rules are told together', () => {
    // WHEN
    const mistakes = mistakesOf(() =>
      described(
        'usecase: fraud-detection',
        'features: [{name: a, type: number, minimum: 3, maximum: 2}]',
        'prediction: {type: score}',
        'example: [1]',
      ),
    );

    // THEN
    expect(mistakes.map((mistake) => mistake.split(':', 2).join(':'))).toEqual([
      '1: usecase',
      '2: features[0].minimum',
      '3: prediction.output',
      '4: example',
    ]);
  });

  test('name the type where a feature has an unknown one', () => {
    expect(mistakesOf(() => described('features: [{name: a, type: float}]'))).toEqual([
      "1: features[0].type: found 'float', expected one of number, integer, boolean, category, text",
    ]);
  });
});
