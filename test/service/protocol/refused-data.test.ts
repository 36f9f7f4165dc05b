import { describe, expect, test } from '@jest/globals';
import { parseInferRequest } from '../../../service/protocol/request';
import { binaryBody, parseJsonRequest, refusal, signatureOf } from './bodies';
import { expectRefusals, expectSentence, floats, x } from './refusals';

describe('a shape is refused that', () => {
  const cube = signatureOf('FP32', ['a', 'b', 'c']);
  const matrix = signatureOf('FP32', ['a', 'b']);
  const shaped = (shape: unknown, data: unknown = [1, 2, 3]) => ({
    inputs: [{ name: 'x', shape, datatype: 'FP32', data }],
  });
  expectRefusals([
    ['is missing', floats, shaped(undefined), "input 'x' has shape missing, expected an array of sizes"],
    ['is a number', floats, shaped(3), "input 'x' has shape 3, expected an array of sizes"],
    ['is an object', floats, shaped({ length: 2 }), "input 'x' has shape an object, expected an array of sizes"],
    ['has too few dimensions', floats, shaped([3]), "input 'x' has 1 dimensions, expected 2: [batch, 3]"],
    ['has too many dimensions', floats, shaped([1, 1, 3]), "input 'x' has 3 dimensions, expected 2: [batch, 3]"],
    [
      'differs in a fixed dimension',
      floats,
      shaped([1, 4], [1, 2, 3, 4]),
      "input 'x' has size 4 in dimension 1, expected 3: [batch, 3]",
    ],
    ['is negative', floats, shaped([-1, 3]), "input 'x' has size -1 in dimension 0, expected a whole number from 0 on"],
    [
      'is fractional',
      floats,
      shaped([1.5, 3]),
      "input 'x' has size 1.5 in dimension 0, expected a whole number from 0 on",
    ],
    [
      'has a string',
      floats,
      shaped(['1', 3]),
      "input 'x' has size the string '1' in dimension 0, expected a whole number from 0 on",
    ],
    [
      'has null',
      floats,
      shaped([null, 3]),
      "input 'x' has size null in dimension 0, expected a whole number from 0 on",
    ],
    [
      'has a nested array',
      floats,
      shaped([[1], 3]),
      "input 'x' has size an array in dimension 0, expected a whole number from 0 on",
    ],
    [
      'is beyond what a double counts',
      floats,
      shaped([1e300, 3]),
      "input 'x' has size 1e+300 in dimension 0, expected a whole number from 0 on",
    ],
    [
      'promises a quintillion elements',
      matrix,
      shaped([1e9, 1e9]),
      /^input 'x' has shape \[1000000000, 1000000000\], which is more elements than can be counted$/,
    ],
    ['overflows 64 bits', cube, shaped([2 ** 32, 2 ** 32, 1]), /more elements than can be counted$/],
    ['hides an overflow behind a zero', cube, shaped([2 ** 40, 2 ** 40, 0], []), /more elements than can be counted$/],
    [
      'promises a billion elements',
      matrix,
      shaped([1e9, 1]),
      "input 'x' has 3 elements, expected 1000000000 for shape [1000000000, 1]",
    ],
    [
      'promises a billion elements in each of three rows',
      matrix,
      shaped([3, 1e9], [[1], [2], [3]]),
      "input 'x' has an array of 1 in dimension 1, expected 1000000000 for shape [3, 1000000000]",
    ],
  ]);
});

describe('data are refused that', () => {
  const cube = signatureOf('FP32', ['a', 'b', 'c']);
  const line = signatureOf('FP32', ['n']);
  const of = (shape: readonly number[], data: unknown) => ({ inputs: [{ name: 'x', shape, datatype: 'FP32', data }] });
  expectRefusals([
    [
      'are missing',
      floats,
      of([1, 3], undefined),
      "input 'x' has no data, expected either data or the parameter binary_data_size",
    ],
    ['are null', floats, of([1, 3], null), "input 'x' has data null, expected an array"],
    ['are a single number', floats, of([1, 3], 1), "input 'x' has data 1, expected an array"],
    ['are an object', floats, of([1, 3], { 0: 1, length: 3 }), "input 'x' has data an object, expected an array"],
    ['are too few', floats, of([1, 3], [1, 2]), "input 'x' has 2 elements, expected 3 for shape [1, 3]"],
    ['are too many', floats, of([1, 3], [1, 2, 3, 4]), "input 'x' has 4 elements, expected 3 for shape [1, 3]"],
    ['are too many for no rows', floats, of([0, 3], [1]), "input 'x' has 1 element, expected 0 for shape [0, 3]"],
    [
      'are too few rows',
      floats,
      of([2, 3], [[1, 2, 3]]),
      "input 'x' has an array of 1 in dimension 0, expected 2 for shape [2, 3]",
    ],
    [
      'are ragged',
      floats,
      of(
        [2, 3],
        [
          [1, 2, 3],
          [4, 5],
        ],
      ),
      "input 'x' has an array of 2 in dimension 1, expected 3 for shape [2, 3]",
    ],
    [
      'start nested and end flat',
      floats,
      of([2, 3], [[1, 2, 3], 4]),
      "input 'x' has 4 in dimension 0, expected an array",
    ],
    [
      'start flat and end nested',
      floats,
      of([1, 3], [1, 2, [3]]),
      "input 'x' is FP32, but element 2 is an array, expected a number, 'NaN', 'Infinity' or '-Infinity'",
    ],
    ['are nested too deeply', floats, of([1, 3], [[[1, 2, 3]]]), /array of 1 in dimension 1, expected 3/],
    [
      'are nested in too few levels',
      cube,
      of(
        [2, 2, 2],
        [
          [1, 2, 3, 4],
          [5, 6, 7, 8],
        ],
      ),
      /array of 4 in dimension 1, expected 2/,
    ],
    ['nest a single dimension', line, of([1], [[1]]), /element 0 is an array/],
  ]);

  test('are nested a million levels deep', () => {
    const body = `{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":${'['.repeat(1e6)}${']'.repeat(1e6)}}]}`;
    expect(refusal(() => parseJsonRequest(floats, body)).message).toMatch(/array of 1 in dimension 1, expected 3/);
  });
});

describe('binary data are refused that', () => {
  const sized = (size: unknown, rest: object = {}) => ({
    inputs: [{ name: 'x', shape: [1, 3], datatype: 'FP32', parameters: { binary_data_size: size }, ...rest }],
  });
  test.each([
    [
      'are fewer than declared',
      sized(12),
      11,
      /^input 'x' has binary_data_size 12, but only 11 bytes are left behind the JSON/,
    ],
    [
      'are more than declared',
      sized(12),
      13,
      'the body has 1 bytes behind the JSON that no input claims by binary_data_size',
    ],
    [
      'are fewer than the shape asks for',
      sized(8),
      8,
      "input 'x' has 8 bytes of binary data, expected 12 for FP32 of shape [1, 3]",
    ],
    [
      'are more than the shape asks for',
      sized(16),
      16,
      "input 'x' has 16 bytes of binary data, expected 12 for FP32 of shape [1, 3]",
    ],
    ['have a negative size', sized(-12), 12, "input 'x' has binary_data_size -12, expected a whole number of bytes"],
    [
      'have a size in words',
      sized('12'),
      12,
      "input 'x' has binary_data_size the string '12', expected a whole number of bytes",
    ],
    [
      'have a fractional size',
      sized(11.5),
      12,
      "input 'x' has binary_data_size 11.5, expected a whole number of bytes",
    ],
    ['have no size', sized(null), 12, "input 'x' has binary_data_size null, expected a whole number of bytes"],
    [
      'come beside data',
      sized(12, { data: [1, 2, 3] }),
      12,
      "input 'x' has both data and the parameter binary_data_size, expected one of them",
    ],
    [
      'come beside data that is null',
      sized(12, { data: null }),
      12,
      "input 'x' has both data and the parameter binary_data_size, expected one of them",
    ],
    [
      'no input declares',
      { inputs: [x] },
      4,
      'the body has 4 bytes behind the JSON that no input claims by binary_data_size',
    ],
    [
      'are declared in a list',
      { inputs: [{ ...x, parameters: [12] }] },
      12,
      "input 'x' has parameters an array, expected an object",
    ],
  ])('%s', (_, request, bytes, sentence) => {
    const { body, headerLength } = binaryBody(request, new Uint8Array(bytes));
    const { message } = refusal(() => parseInferRequest(body, headerLength, floats));
    expectSentence(message, sentence);
  });

  test('are declared in a body that is JSON alone', () => {
    expect(refusal(() => parseJsonRequest(floats, sized(12))).message).toMatch(/only 0 bytes are left behind the JSON/);
  });
});
