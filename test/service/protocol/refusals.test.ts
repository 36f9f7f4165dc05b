import { describe, expect, test } from '@jest/globals';
import { parseInferRequest } from '../../../service/protocol/request';
import type { TensorSignature } from '../../../service/tensor';
import { binaryBody, jsonBody, parseJsonRequest, refusal, requestOf, signatureOf } from './bodies';

/** What the model takes, what the request says, and the sentence that answers it. */
type Case = readonly [behaviour: string, signature: TensorSignature, request: unknown, sentence: string | RegExp];

function expectRefusals(cases: readonly Case[]): void {
  test.each(cases)('%s', (_, signature, request, sentence) => {
    const error = refusal(() => parseJsonRequest(signature, request));
    if (typeof sentence === 'string') expect(error.message).toBe(sentence);
    else expect(error.message).toMatch(sentence);
  });
}

const floats = signatureOf('FP32', ['batch', 3]);
const x = { name: 'x', shape: [1, 3], datatype: 'FP32', data: [1, 2, 3] };

describe('a body is refused that', () => {
  expectRefusals([
    ['is empty', floats, '', 'the body is not valid JSON: unexpected end of JSON input'],
    ['is cut', floats, '{"inputs":[', /^the body is not valid JSON: unexpected end/],
    ['has a stray comma', floats, '{"inputs":[],}', /^the body is not valid JSON: expected .* at position 13$/],
    ['starts with a byte-order mark', floats, '\ufeff{}', /^the body is not valid JSON: unexpected token/],
    ['is an array', floats, [x], 'the body is an array, expected a JSON object'],
    ['is null', floats, 'null', 'the body is null, expected a JSON object'],
    ['is a number', floats, '1', 'the body is 1, expected a JSON object'],
    ['has a number for id', floats, { id: 7, inputs: [x] }, 'id is 7, expected a string'],
    [
      'has an array for parameters',
      floats,
      { parameters: [], inputs: [x] },
      'parameters is an array, expected an object',
    ],
    ['has no inputs', floats, {}, 'inputs is missing, expected an array'],
    ['has an object for inputs', floats, { inputs: x }, 'inputs is an object, expected an array'],
    ['has an input that is null', floats, { inputs: [null] }, 'inputs[0] is null, expected an object'],
    ['is nested deeply', floats, '['.repeat(1e6) + ']'.repeat(1e6), 'the body is an array, expected a JSON object'],
  ]);

  test('is not UTF-8', () => {
    // GIVEN a body with a byte that no UTF-8 text has, inside a string that a lenient decoder would alter
    const body = jsonBody({ id: '?', inputs: [x] });
    body[body.indexOf('?')] = 0xff;
    // WHEN it is parsed THEN it is refused
    expect(refusal(() => parseInferRequest(body, undefined, floats)).message).toBe('the body is not valid UTF-8');
  });
});

describe('a parameter is refused that', () => {
  const withParameters = (parameters: unknown) => ({ parameters, inputs: [x] });
  expectRefusals([
    [
      'is a timeout in words',
      floats,
      withParameters({ timeout: '5' }),
      "parameter timeout is the string '5', expected a whole number from 0 on",
    ],
    [
      'is a negative timeout',
      floats,
      withParameters({ timeout: -1 }),
      'parameter timeout is -1, expected a whole number from 0 on',
    ],
    [
      'is a fraction of a timeout',
      floats,
      withParameters({ timeout: 0.5 }),
      'parameter timeout is 0.5, expected a whole number from 0 on',
    ],
    [
      'is a priority that is true',
      floats,
      withParameters({ priority: true }),
      'parameter priority is true, expected a whole number from 0 on',
    ],
    [
      'is a binary_data_output that is 1',
      floats,
      withParameters({ binary_data_output: 1 }),
      'parameter binary_data_output is 1, expected true or false',
    ],
  ]);
});

describe('inputs are refused that', () => {
  const two: TensorSignature = {
    inputs: [
      { name: 'a', datatype: 'FP32', shape: ['batch', 2] },
      { name: 'b', datatype: 'FP32', shape: ['batch'] },
    ],
    outputs: [],
  };
  const a = { name: 'a', shape: [1, 2], datatype: 'FP32', data: [1, 2] };
  const b = { name: 'b', shape: [1], datatype: 'FP32', data: [1] };
  expectRefusals([
    ['lack one of the model', two, { inputs: [b] }, "input 'a' is missing, the model takes 'a', 'b'"],
    ['are none', two, { inputs: [] }, "input 'a', 'b' are missing, the model takes 'a', 'b'"],
    ['name one twice', two, { inputs: [a, b, a] }, "input 'a' is given twice"],
    ['name one the model lacks', two, { inputs: [a, b, x] }, "input 'x' does not exist, the model takes 'a', 'b'"],
    [
      'name __proto__',
      two,
      { inputs: [a, b, { ...x, name: '__proto__' }] },
      "input '__proto__' does not exist, the model takes 'a', 'b'",
    ],
    [
      'name constructor',
      two,
      { inputs: [{ ...x, name: 'constructor' }] },
      "input 'constructor' does not exist, the model takes 'a', 'b'",
    ],
    [
      'have no name',
      two,
      { inputs: [{ ...a, name: undefined }] },
      'inputs[0] has a name that is missing, expected a string',
    ],
    [
      'have a number for a name',
      two,
      { inputs: [a, { ...b, name: 1 }] },
      'inputs[1] has a name that is 1, expected a string',
    ],
    [
      'differ in a dimension of one name',
      two,
      { inputs: [b, { ...a, shape: [2, 2], data: [1, 2, 3, 4] }] },
      "input 'b' has size 1 in dimension 0, but 'batch' is 2 in input 'a'",
    ],
    [
      'have a name too long to repeat',
      two,
      { inputs: [{ ...a, name: 'n'.repeat(1000) }] },
      `input '${'n'.repeat(60)}…' does not exist, the model takes 'a', 'b'`,
    ],
  ]);

  test('differ in two dimensions of one name within an input', () => {
    const square = signatureOf('FP32', ['n', 'n']);
    const error = refusal(() => parseInferRequest(requestOf('FP32', [1, 2], [1, 2]), undefined, square));
    expect(error.message).toBe("input 'x' has size 2 in dimension 1, but 'n' is 1 in input 'x'");
  });
});

describe('a datatype is refused that', () => {
  expectRefusals([
    [
      'differs from the model',
      floats,
      { inputs: [{ ...x, datatype: 'FP64' }] },
      "input 'x' is FP64 in the request, but the model takes FP32",
    ],
    [
      'is unknown',
      floats,
      { inputs: [{ ...x, datatype: 'float32' }] },
      /^input 'x' has a datatype that is the string 'float32', expected one of BOOL, UINT8,/,
    ],
    [
      'is a name of every object',
      floats,
      { inputs: [{ ...x, datatype: 'constructor' }] },
      /^input 'x' has a datatype that is the string 'constructor'/,
    ],
    ['is missing', floats, { inputs: [{ ...x, datatype: undefined }] }, /^input 'x' has a datatype that is missing/],
    [
      'is FP16 in JSON',
      signatureOf('FP16', ['n']),
      { inputs: [{ name: 'x', shape: [1], datatype: 'FP16', data: [1] }] },
      "input 'x' is FP16, which JSON cannot carry, expected binary_data_size",
    ],
  ]);
});

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
    ['are too many for no rows', floats, of([0, 3], [1]), "input 'x' has 1 elements, expected 0 for shape [0, 3]"],
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

describe('outputs are refused that', () => {
  const outputs = (...list: readonly unknown[]) => ({ inputs: [x], outputs: list });
  const half: TensorSignature = { inputs: floats.inputs, outputs: [{ name: 'y', datatype: 'FP16', shape: [1] }] };
  const text: TensorSignature = { inputs: floats.inputs, outputs: [{ name: 'y', datatype: 'BYTES', shape: [1] }] };
  const classified = { name: 'y', parameters: { classification: 1 } };
  expectRefusals([
    ['are no array', floats, { inputs: [x], outputs: 'y' }, "outputs is the string 'y', expected an array"],
    ['are strings', floats, outputs('y'), "outputs[0] is the string 'y', expected an object"],
    ['have no name', floats, outputs({}), 'outputs[0] has a name that is missing, expected a string'],
    ['the model lacks', floats, outputs({ name: 'z' }), "output 'z' does not exist, the model has 'y'"],
    [
      'are called __proto__',
      floats,
      outputs({ name: '__proto__' }),
      "output '__proto__' does not exist, the model has 'y'",
    ],
    ['are asked for twice', floats, outputs({ name: 'y' }, { name: 'y' }), "output 'y' is requested twice"],
    [
      'have parameters in a string',
      floats,
      outputs({ name: 'y', parameters: '' }),
      "output 'y' has parameters the string '', expected an object",
    ],
    [
      'have binary_data in words',
      floats,
      outputs({ name: 'y', parameters: { binary_data: 'yes' } }),
      "output 'y' has binary_data the string 'yes', expected true or false",
    ],
    [
      'have a negative classification',
      floats,
      outputs({ name: 'y', parameters: { classification: -1 } }),
      "output 'y' has classification -1, expected a whole number from 0 on",
    ],
    ['classify strings', text, outputs(classified), "output 'y' is BYTES, which classification cannot rank"],
    [
      'are FP16 in JSON',
      half,
      outputs({ name: 'y' }),
      "output 'y' is FP16, which JSON cannot carry, expected binary_data true",
    ],
    [
      'are FP16 in JSON because none is named',
      half,
      { inputs: [x] },
      "output 'y' is FP16, which JSON cannot carry, expected binary_data true",
    ],
  ]);
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
    if (typeof sentence === 'string') expect(message).toBe(sentence);
    else expect(message).toMatch(sentence);
  });

  test('are declared in a body that is JSON alone', () => {
    expect(refusal(() => parseJsonRequest(floats, sized(12))).message).toMatch(/only 0 bytes are left behind the JSON/);
  });
});
