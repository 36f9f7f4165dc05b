import { describe, expect, test } from '@jest/globals';
import { parseInferRequest } from '../../../service/protocol/request';
import type { TensorSignature } from '../../../service/tensor';
import { jsonBody, parseJsonRequest, requestOf, signatureOf } from './bodies';

const x = { name: 'x', shape: [1], datatype: 'FP32', data: [1] };
const signature: TensorSignature = {
  inputs: [{ name: 'x', datatype: 'FP32', shape: ['n'] }],
  outputs: [
    { name: 'label', datatype: 'INT64', shape: ['n'] },
    { name: 'scores', datatype: 'FP32', shape: ['n', 2] },
  ],
};

describe('the envelope of a request', () => {
  test('gives id, timeout and all parameters', () => {
    const parameters = { timeout: 50_000, priority: 1, sequence_id: 'abc' };
    const request = parseJsonRequest(signature, { id: '42', parameters, inputs: [x] });
    expect(request).toMatchObject({ id: '42', timeoutUs: 50_000, parameters });
  });

  test.each([
    ['absent', {}],
    ['null, as some clients write it', { id: null, parameters: null, outputs: null }],
    ['0, the default', { parameters: { timeout: 0 } }],
  ])('needs nothing but inputs: members that are %s', (_, members) => {
    const request = parseJsonRequest(signature, { ...members, inputs: [x] });
    expect(request).toMatchObject({ id: undefined, timeoutUs: undefined });
  });

  test('takes members it does not know, and names of every object among them', () => {
    const body =
      '{"__proto__":{"id":"7"},"constructor":1,"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[1],"hint":2}]}';
    expect(parseJsonRequest(signature, body).id).toBeUndefined();
  });

  test('takes inputs called as members of every object', () => {
    const names = ['__proto__', 'constructor', 'toString'];
    const inputs = names.map((name) => ({ name, datatype: 'FP32' as const, shape: ['n'] }));
    const request = jsonBody({ inputs: names.map((name, i) => ({ ...x, name, data: [i] })).reverse() });
    expect(parseInferRequest(request, undefined, { inputs, outputs: [] }).inputs.map(({ data }) => [...data])).toEqual([
      [0],
      [1],
      [2],
    ]);
  });

  test('gives inputs in the order of the model', () => {
    const inputs = ['a', 'b', 'c'].map((name) => ({ name, datatype: 'FP32' as const, shape: ['n'] }));
    const request = jsonBody({ inputs: ['c', 'a', 'b'].map((name, i) => ({ ...x, name, data: [i] })) });
    expect(parseInferRequest(request, undefined, { inputs, outputs: [] }).inputs.map(({ data }) => [...data])).toEqual([
      [1],
      [2],
      [0],
    ]);
  });

  test('takes a model without inputs', () => {
    expect(parseJsonRequest({ inputs: [], outputs: signature.outputs }, { inputs: [] }).inputs).toEqual([]);
  });
});

describe('the size of a dimension', () => {
  test('may differ between dimensions of different names, or of none', () => {
    const inputs = [
      { name: 'x', datatype: 'FP32' as const, shape: ['', -1] },
      { name: 'y', datatype: 'FP32' as const, shape: ['m', -1, ''] },
    ];
    const request = jsonBody({
      inputs: [
        { ...x, shape: [1, 2], data: [1, 2] },
        { ...x, name: 'y', shape: [2, 1, 3], data: [1, 2, 3, 4, 5, 6] },
      ],
    });
    expect(parseInferRequest(request, undefined, { inputs, outputs: [] }).inputs.map(({ shape }) => shape)).toEqual([
      [1, 2],
      [2, 1, 3],
    ]);
  });

  test('may be 0 where the model fixes it', () => {
    expect(
      parseInferRequest(requestOf('FP32', [2, 0], []), undefined, signatureOf('FP32', ['n', 0])).inputs[0]?.shape,
    ).toEqual([2, 0]);
  });
});

describe('requested outputs', () => {
  const outputsOf = (request: object) => parseJsonRequest(signature, { inputs: [x], ...request }).outputs;
  const binary = { binary_data_output: true };

  test.each([
    ['absent', undefined],
    ['empty', []],
  ])('are all of the model where the list is %s', (_, outputs) => {
    expect(outputsOf({ outputs }).map(({ index }) => index)).toEqual([0, 1]);
  });

  test('keep the order of the request', () => {
    expect(outputsOf({ outputs: [{ name: 'scores' }, { name: 'label' }] }).map(({ index }) => index)).toEqual([1, 0]);
  });

  test('are JSON unless the request says otherwise', () => {
    expect(outputsOf({}).map(({ binary }) => binary)).toEqual([false, false]);
  });

  test('are all binary by the request’s binary_data_output', () => {
    expect(outputsOf({ parameters: binary }).map(({ binary }) => binary)).toEqual([true, true]);
  });

  test('that are listed follow binary_data_output too, unless they say otherwise', () => {
    const outputs = [{ name: 'label' }, { name: 'scores', parameters: { binary_data: false } }];
    expect(outputsOf({ parameters: binary, outputs }).map(({ binary }) => binary)).toEqual([true, false]);
  });

  test('that carry other parameters follow binary_data_output as well', () => {
    const outputs = [{ name: 'scores', parameters: { classification: 1 } }];
    expect(outputsOf({ parameters: binary, outputs }).map(({ binary }) => binary)).toEqual([true]);
  });

  test('of FP16 are binary, or classified', () => {
    const half: TensorSignature = { ...signature, outputs: [{ name: 'y', datatype: 'FP16', shape: ['n'] }] };
    for (const parameters of [{ binary_data: true }, { classification: 1 }]) {
      const request = { inputs: [x], outputs: [{ name: 'y', parameters }] };
      expect(parseJsonRequest(half, request).outputs).toMatchObject([{ index: 0 }]);
    }
  });

  test('are binary one by one', () => {
    const outputs = [{ name: 'label', parameters: { binary_data: true } }, { name: 'scores' }];
    expect(outputsOf({ outputs }).map(({ binary }) => binary)).toEqual([true, false]);
  });

  test('carry the number of classes', () => {
    const outputs = [{ name: 'scores', parameters: { classification: 2 } }, { name: 'label' }];
    expect(outputsOf({ outputs }).map(({ classification }) => classification)).toEqual([2, undefined]);
  });
});
