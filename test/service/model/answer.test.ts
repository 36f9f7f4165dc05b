import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type AnswerFormatter, compileAnswer } from '../../../service/model/answer';
import type { Tensor, TensorSpec } from '../../../service/tensor';
import { described, mistakesOf, refusalOf, spec } from './support';

const FEATURES = 'features: [{name: a, type: number}]';

function formatterOf(prediction: string, ...outputs: TensorSpec[]): AnswerFormatter {
  const lines = prediction === '' ? [FEATURES] : [FEATURES, `prediction: ${prediction}`];
  const formatter = compileAnswer(described(...lines), { inputs: [], outputs });
  if (formatter === undefined) throw new Error('no answer');
  return formatter;
}

function floats(shape: readonly number[], ...values: number[]): Tensor {
  return { datatype: 'FP32', shape, data: Float32Array.from(values) };
}

describe('a classification', () => {
  test('names the best label and the best few with their scores', () => {
    // GIVEN
    const formatter = formatterOf(
      '{type: classification, output: p, labels: [cat, "quo\\"ted", bird], top: 2}',
      spec('label', 'INT64', ['N']),
      spec('p', 'FP32', ['N', 3]),
    );

    // WHEN
    const answers = [0, 1].map((row) => formatter.format([floats([2, 3], 0.1, 0.8312, 0.0688, 0.5, 0, 0.5)], row));

    // THEN
    expect(formatter.outputs).toEqual([1]);
    expect(answers).toEqual([
      '{"label":"quo\\"ted","score":0.8312,"scores":[{"label":"quo\\"ted","score":0.8312},{"label":"cat","score":0.1}]}',
      '{"label":"cat","score":0.5,"scores":[{"label":"cat","score":0.5},{"label":"bird","score":0.5}]}',
    ]);
  });

  test('answers five where it is not said how many', () => {
    const formatter = formatterOf(
      '{type: classification, output: p, labels: [a, b, c, d, e, f]}',
      spec('p', 'FP32', ['N', 6]),
    );
    expect(JSON.parse(formatter.format([floats([1, 6], 0, 1, 2, 3, 4, 5)], 0)).scores).toHaveLength(5);
  });

  test('ranks NaN below every number and writes it as a string', () => {
    const formatter = formatterOf('{type: classification, output: p, labels: [a, b, c]}', spec('p', 'FP32', ['N', 3]));
    const answer = formatter.format([floats([1, 3], Number.NaN, Number.NEGATIVE_INFINITY, 1)], 0);
    expect(JSON.parse(answer).scores).toEqual([
      { label: 'c', score: 1 },
      { label: 'b', score: '-Infinity' },
      { label: 'a', score: 'NaN' },
    ]);
  });

  test('picks what sorting all scores would pick, in the same order', () => {
    const scores = fc.array(fc.oneof(fc.float(), fc.constantFrom(0, 1, Number.NaN)), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(scores, fc.nat(), (values, seed) => {
        // GIVEN
        const top = (seed % values.length) + 1;
        const labels = values.map((_, index) => `l${index}`);
        const formatter = formatterOf(
          `{type: classification, output: p, labels: [${labels}], top: ${top}}`,
          spec('p', 'FP32', ['N', values.length]),
        );
        const rank = (value: number) => (Number.isNaN(value) ? [0, 0] : [1, value]);
        const sorted = [...Float32Array.from(values).entries()].sort(([i, a], [j, b]) => {
          const [x = 0, u = 0] = rank(a);
          const [y = 0, v = 0] = rank(b);
          return y - x || (u === v ? 0 : v > u ? 1 : -1) || i - j;
        });

        // WHEN
        const answer = JSON.parse(formatter.format([floats([1, values.length], ...values)], 0));

        // THEN
        const expected = sorted.slice(0, top).map(([index]) => `l${index}`);
        expect(answer.scores.map(({ label }: { label: string }) => label)).toEqual(expected);
        expect(answer.label).toBe(expected[0]);
      }),
    );
  });
});

test('a recommendation lists items, best first', () => {
  const formatter = formatterOf(
    '{type: recommendation, output: s, labels: [tea, whole milk], top: 2}',
    spec('s', 'FP32', ['N', 2]),
  );
  expect(formatter.format([floats([1, 2], 0.1, 0.41)], 0)).toBe(
    '{"items":[{"item":"whole milk","score":0.41},{"item":"tea","score":0.1}]}',
  );
});

describe('a score', () => {
  test('is a single number, of a flat output or of a column', () => {
    for (const shape of [[2], [2, 1]]) {
      const formatter = formatterOf('{type: score, output: y}', spec('y', 'FP32', ['N', ...shape.slice(1)]));
      expect([0, 1].map((row) => formatter.format([floats(shape, 2.31, -7)], row))).toEqual([
        '{"score":2.31}',
        '{"score":-7}',
      ]);
    }
  });

  test('of 64 bits keeps all digits', () => {
    const formatter = formatterOf('{type: score, output: y}', spec('y', 'INT64', ['N']));
    const tensor: Tensor = { datatype: 'INT64', shape: [1], data: BigInt64Array.of(9223372036854775807n) };
    expect(formatter.format([tensor], 0)).toBe('{"score":9223372036854775807}');
  });
});

test('outputs whose shape the model leaves open are checked when they come', () => {
  const score = formatterOf('{type: score, output: y}', spec('y', 'FP32', []));
  const labels = formatterOf('{type: recommendation, output: y, labels: [a, b], top: 1}', spec('y', 'FP32', []));
  expect(score.format([floats([2, 1], 1, 2)], 1)).toBe('{"score":2}');
  expect(labels.format([floats([1, 2], 1, 2)], 0)).toBe('{"items":[{"item":"b","score":2}]}');
  expect(refusalOf(() => labels.format([floats([2], 1, 2)], 0))).toMatch(/^500 output 'y' has 0 values per row/);
});

describe('without a prediction in the description', () => {
  test('all outputs are answered by name, each as its type is written in JSON and nested as its shape is', () => {
    // GIVEN
    const formatter = formatterOf(
      '',
      spec('y"', 'FP32', ['N', 2, 2]),
      spec('flag', 'BOOL', ['N']),
      spec('text', 'BYTES', ['N', 1]),
      spec('half', 'FP16', ['N', 1]),
      spec('constant', 'INT64', []),
      spec('nothing', 'FP64', ['N', 0]),
    );

    // WHEN
    const answer = formatter.format(
      [
        floats([2, 2, 2], 0, 0, 0, 0, 0.1, Number.NaN, 3, 4),
        { datatype: 'BOOL', shape: [2], data: Uint8Array.of(0, 1) },
        { datatype: 'BYTES', shape: [2, 1], data: ['x', 'a"b'] },
        { datatype: 'FP16', shape: [2, 1], data: Uint16Array.of(0, 0x3555) },
        { datatype: 'INT64', shape: [], data: BigInt64Array.of(5n) },
        { datatype: 'FP64', shape: [2, 0], data: new Float64Array() },
      ],
      1,
    );

    // THEN
    expect(formatter.outputs).toEqual([0, 1, 2, 3, 4, 5]);
    expect(answer).toBe(
      '{"outputs":{"y\\"":[[0.1,"NaN"],[3,4]],"flag":true,"text":["a\\"b"],"half":[0.3333],"constant":5,"nothing":[]}}',
    );
  });
});

test('a description without features or image has no answers', () => {
  const description = described('description: x');
  expect(compileAnswer(description, { inputs: [], outputs: [spec('y', 'FP32', ['N'])] })).toBeUndefined();
});

describe('what does not fit the model', () => {
  test.each<[string, string, TensorSpec, string]>([
    [
      'an unknown output',
      '{type: score, output: z}',
      spec('y', 'FP32', ['N']),
      "2: prediction.output: found 'z', expected an output of the model: y",
    ],
    [
      'another number of labels',
      '{type: classification, output: y, labels: [a, b]}',
      spec('y', 'FP32', ['N', 3]),
      "2: prediction.labels: found 2, expected 3 for output 'y'",
    ],
    [
      'labels for single values',
      '{type: classification, output: y, labels: [a, b]}',
      spec('y', 'FP32', ['N']),
      "2: prediction.output: found 'y' of shape [N], expected [N, 2]",
    ],
    [
      'labels for text',
      '{type: recommendation, output: y, labels: [a, b]}',
      spec('y', 'BYTES', ['N', 2]),
      "2: prediction.output: found 'y' of BYTES, expected an output of FP32, FP64, INT8, INT16, INT32, UINT8, UINT16, UINT32",
    ],
    [
      'a score of several numbers',
      '{type: score, output: y}',
      spec('y', 'FP32', ['N', 2]),
      "2: prediction.output: found 'y' of shape [N, 2], expected one number per row: [N] or [N, 1]",
    ],
  ])('%s is told with its line', (_, prediction, output, expected) => {
    expect(mistakesOf(() => formatterOf(prediction, output))).toEqual([expected]);
  });

  test('another number of labels that only a run shows is told then', () => {
    const formatter = formatterOf(
      '{type: classification, output: y, labels: [a, b]}',
      spec('y', 'FP32', ['N', 'classes']),
    );
    expect(refusalOf(() => formatter.format([floats([1, 3], 0, 0, 0)], 0))).toBe(
      "500 output 'y' has 3 values per row, but model.yaml gives 2 labels",
    );
  });
});
