import { describe, expect, test } from '@jest/globals';
import { Judgement } from '../../../cli/optimize/judgement';
import type { Tensor } from '../../../service/tensor';

const scores = (...data: number[]): Tensor => ({
  datatype: 'FP32',
  shape: [data.length / 2, 2],
  data: Float32Array.from(data),
});
const numbers = (...data: number[]): Tensor => ({
  datatype: 'FP32',
  shape: [data.length],
  data: Float32Array.from(data),
});
const OUTPUT = { index: 0, labels: undefined, isLabelled: false };

describe('a candidate with a number that is not finite where the original has a finite one', () => {
  test.each([
    ['without labels', undefined],
    ['with labels', { labels: [0, 1], groups: undefined }],
  ])('loses all, %s', (_, truth) => {
    // GIVEN a model that is right in both rows, and a candidate that is right in them, too, but for what is beside
    const judgement = new Judgement([[scores(0.9, 0.1, 0.2, 0.8)]], { ...OUTPUT, isLabelled: true }, truth, undefined);
    const judged = judgement.judge([[scores(0.9, 0.1, Number.NEGATIVE_INFINITY, 0.8)]]);
    expect(judged).toMatchObject({ loss: Number.POSITIVE_INFINITY, note: 'not finite in 1 row' });
  });

  test('loses all by an output that is not judged, too', () => {
    const judgement = new Judgement(
      [[numbers(1, 2), numbers(3, 4)]],
      OUTPUT,
      { labels: [1, 2], groups: undefined },
      'rmse',
    );
    expect(judgement.judge([[numbers(1, 2), numbers(3, Number.NaN)]]).loss).toBe(Number.POSITIVE_INFINITY);
  });
});

test('a candidate with the same numbers that are not finite as the original loses nothing', () => {
  const outputs = [[scores(0.9, Number.NaN, 0.2, 0.8)]];
  expect(new Judgement(outputs, OUTPUT, undefined, undefined).judge(outputs)).toMatchObject({ loss: 0, agreement: 1 });
});

test('an error cannot be taken of a model that answers with what is no number', () => {
  const truth = { labels: [1, 2], groups: undefined };
  expect(() => new Judgement([[numbers(1, Number.NaN)]], OUTPUT, truth, 'rmse')).toThrow(
    'rmse needs finite answers, but the model answers row 2 by NaN',
  );
});
