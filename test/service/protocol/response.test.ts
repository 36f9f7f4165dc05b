import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { encodeInferResponse } from '../../../service/protocol/response';
import type { Tensor } from '../../../service/tensor';
import { refusal } from './bodies';

const head = { modelName: 'm', modelVersion: '3' };
const label: Tensor = { datatype: 'INT32', shape: [2], data: Int32Array.of(1, -2) };
const scores: Tensor = { datatype: 'FP32', shape: [1, 2], data: Float32Array.of(0.25, 0.75) };

function dataText(datatype: Tensor['datatype'], data: Tensor['data']): string {
  const tensor = { datatype, shape: [data.length], data };
  const { body } = encodeInferResponse({ ...head, outputs: [{ name: 'y', tensor, binary: false }] });
  return /"data":(.*)\}\]\}$/s.exec(String(body))?.[1] ?? '';
}

describe('an answer in JSON', () => {
  test('names model, version, id and outputs in their order', () => {
    const outputs = [
      { name: 'scores', tensor: scores, binary: false },
      { name: 'label', tensor: label, binary: false },
    ];
    expect(encodeInferResponse({ ...head, id: '42', outputs })).toEqual({
      body: '{"model_name":"m","model_version":"3","id":"42","outputs":[{"name":"scores","datatype":"FP32","shape":[1,2],"data":[0.25,0.75]},{"name":"label","datatype":"INT32","shape":[2],"data":[1,-2]}]}',
    });
  });

  test('leaves out an id that the request did not have', () => {
    expect(encodeInferResponse({ ...head, outputs: [] }).body).toBe(
      '{"model_name":"m","model_version":"3","outputs":[]}',
    );
  });

  test.each([['"'], ['\\'], ['\n'], ['\u007f'], ['\ud800'], ['é']])('escapes %j in an id', (id) => {
    const { body } = encodeInferResponse({ ...head, id: `a${id}b`, outputs: [] });
    expect(body).toBe(`{"model_name":"m","model_version":"3","id":${JSON.stringify(`a${id}b`)},"outputs":[]}`);
  });

  test('carries any text as id and name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), (id, name) => {
        const { body } = encodeInferResponse({ ...head, id, outputs: [{ name, tensor: label, binary: false }] });
        expect(JSON.parse(String(body))).toMatchObject({ id, outputs: [{ name }] });
      }),
    );
  });

  test.each([
    ['few', 2],
    ['many', 50],
  ])('writes NaN and infinities as strings and keeps the sign of zero, among %s values', (_, count) => {
    const data = new Float64Array(count).fill(1.5);
    expect(dataText('FP64', Float64Array.of(...data, Number.NaN, Infinity, -Infinity, -0, 0))).toBe(
      `[${'1.5,'.repeat(count)}"NaN","Infinity","-Infinity",-0,0]`,
    );
  });

  test('keeps the sign of zero where all other values are ordinary', () => {
    expect(dataText('FP32', Float32Array.of(1, 2, 3, 4, 5, -0))).toBe('[1,2,3,4,5,-0]');
  });

  test('writes FP32 as the exact double', () => {
    expect(JSON.parse(dataText('FP32', Float32Array.of(0.1)))).toEqual([Math.fround(0.1)]);
  });

  test('writes 64-bit integers with every digit', () => {
    expect(dataText('UINT64', BigUint64Array.of(18446744073709551615n, 0n))).toBe('[18446744073709551615,0]');
  });

  test('writes BOOL as true and false', () => {
    expect(dataText('BOOL', Uint8Array.of(1, 0))).toBe('[true,false]');
  });

  test('writes BYTES as strings', () => {
    expect(dataText('BYTES', ['', 'a"\\\n', 'ü😀'])).toBe('["","a\\"\\\\\\n","ü😀"]');
  });

  test('refuses FP16', () => {
    const tensor: Tensor = { datatype: 'FP16', shape: [1], data: Uint16Array.of(0) };
    expect(
      refusal(() => encodeInferResponse({ ...head, outputs: [{ name: 'y', tensor, binary: false }] })).message,
    ).toBe("output 'y' is FP16, which JSON cannot carry, expected binary_data true");
  });
});

describe('an answer with binary data', () => {
  test('has the tensors behind the JSON in the order of the outputs', () => {
    // GIVEN a view into the middle of a larger buffer, an output in JSON, and strings
    const view = Int32Array.of(9, 1, -2, 9).subarray(1, 3);
    const text: Tensor = { datatype: 'BYTES', shape: [2], data: ['', 'ü'] };
    const outputs = [
      { name: 'label', tensor: { ...label, data: view }, binary: true },
      { name: 'scores', tensor: scores, binary: false },
      { name: 'text', tensor: text, binary: true },
    ];
    // WHEN they are encoded
    const { body, headerLength = 0 } = encodeInferResponse({ ...head, modelName: 'é', outputs });
    // THEN the header tells where the JSON ends, in bytes
    const bytes = Buffer.from(body);
    expect(JSON.parse(bytes.toString('utf8', 0, headerLength))).toEqual({
      model_name: 'é',
      model_version: '3',
      outputs: [
        { name: 'label', datatype: 'INT32', shape: [2], parameters: { binary_data_size: 8 } },
        { name: 'scores', datatype: 'FP32', shape: [1, 2], data: [0.25, 0.75] },
        { name: 'text', datatype: 'BYTES', shape: [2], parameters: { binary_data_size: 10 } },
      ],
    });
    expect([...bytes.subarray(headerLength)]).toEqual([
      ...[1, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff],
      ...[0, 0, 0, 0, 2, 0, 0, 0, 0xc3, 0xbc],
    ]);
  });

  test('says so even where the tensor is empty', () => {
    const tensor: Tensor = { datatype: 'FP32', shape: [0], data: new Float32Array(0) };
    const { body, headerLength } = encodeInferResponse({ ...head, outputs: [{ name: 'y', tensor, binary: true }] });
    expect(headerLength).toBe(body.length);
  });
});
