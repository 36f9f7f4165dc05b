import { describe, expect, test } from '@jest/globals';
import { parseInferRequest } from '../../../service/protocol/request';
import type { TensorSignature } from '../../../service/tensor';
import { jsonBody, refusal, requestOf, signatureOf } from './bodies';
import { expectRefusals, floats, x } from './refusals';

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
      "output 'y' has classification -1, expected a whole number from 1 on",
    ],
    [
      'have a classification of nothing',
      floats,
      outputs({ name: 'y', parameters: { classification: 0 } }),
      "output 'y' has classification 0, expected a whole number from 1 on",
    ],
    ['classify strings', text, outputs(classified), "output 'y' is BYTES, which classification cannot rank"],
    [
      'are FP16 in JSON',
      half,
      outputs({ name: 'y' }),
      "output 'y' is FP16, which JSON cannot carry, expected binary_data true",
    ],
    [
      'are FP16 in JSON by their own word',
      half,
      outputs({ name: 'y', parameters: { binary_data: false } }),
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
