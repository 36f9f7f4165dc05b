import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseInferRequest } from '../../../service/protocol/request';
import { encodeInferResponse } from '../../../service/protocol/response';
import { bytesOf, DATA_TYPES, type DataType, isDataType, type Tensor, type TensorData } from '../../../service/tensor';
import { binaryBody, jsonBody } from './bodies';

const DATATYPES = Object.keys(DATA_TYPES).filter(isDataType);

const unicodeText = fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0'));

/** Elements of every kind the type has, its extremes among them. */
function elements(datatype: DataType, count: number): fc.Arbitrary<TensorData> {
  const size = { minLength: count, maxLength: count };
  switch (datatype) {
    case 'BOOL':
      return fc.uint8Array({ ...size, max: 1 });
    case 'UINT8':
      return fc.uint8Array(size);
    case 'UINT16':
    case 'FP16':
      return fc.uint16Array(size);
    case 'UINT32':
      return fc.uint32Array(size);
    case 'INT8':
      return fc.int8Array(size);
    case 'INT16':
      return fc.int16Array(size);
    case 'INT32':
      return fc.int32Array(size);
    case 'INT64':
      return fc.bigInt64Array(size);
    case 'UINT64':
      return fc.bigUint64Array(size);
    case 'FP32':
      return fc.float32Array(size);
    case 'FP64':
      return fc.float64Array(size);
    case 'BYTES':
      return fc.array(unicodeText, size);
  }
}

function tensors(datatype: DataType): fc.Arbitrary<Tensor> {
  return fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }).chain((shape) =>
    elements(
      datatype,
      shape.reduce((count, size) => count * size, 1),
    ).map((data) => ({ datatype, shape, data })),
  );
}

/** A model that takes tensors of any size in as many dimensions as `tensor` has. */
function signatureFor({ datatype, shape }: Tensor) {
  return { inputs: [{ name: 'x', datatype, shape: shape.map((_, axis) => `d${axis}`) }], outputs: [] };
}

/** Comparable by value and, for numbers, bit by bit. */
function contents({ datatype, shape, data }: Tensor | { datatype?: undefined; shape?: undefined; data: TensorData }) {
  return { datatype, shape, data: Array.isArray(data) ? data : Buffer.from(bytesOf(data)).toString('hex') };
}

/** An answer's output has the form of a request's input, so what was encoded can be sent back. */
function asRequest(json: string): string {
  return `{"inputs":${json.slice(json.indexOf('['), json.lastIndexOf(']') + 1)}}`;
}

describe('a tensor that is encoded and parsed again', () => {
  test.each(DATATYPES.filter((datatype) => datatype !== 'FP16'))('is the same through JSON: %s', (datatype) => {
    fc.assert(
      fc.property(tensors(datatype), (tensor) => {
        const outputs = [{ name: 'x', tensor, binary: false }];
        const { body, headerLength } = encodeInferResponse({ modelName: 'm', modelVersion: '1', outputs });
        expect(headerLength).toBeUndefined();
        const request = parseInferRequest(jsonBody(asRequest(String(body))), undefined, signatureFor(tensor));
        expect(request.inputs.map(contents)).toEqual([contents(tensor)]);
      }),
    );
  });

  test.each(DATATYPES)('is the same through binary data: %s', (datatype) => {
    fc.assert(
      fc.property(tensors(datatype), (tensor) => {
        const outputs = [{ name: 'x', tensor, binary: true }];
        const { body, headerLength } = encodeInferResponse({ modelName: 'm', modelVersion: '1', outputs });
        if (headerLength === undefined || typeof body === 'string') throw new Error('expected binary data');
        const json = asRequest(body.toString('utf8', 0, headerLength));
        const request = binaryBody(json, body.subarray(headerLength));
        const { inputs } = parseInferRequest(request.body, request.headerLength, signatureFor(tensor));
        expect(inputs.map(contents)).toEqual([contents(tensor)]);
      }),
    );
  });

  test('is the same nested in arrays and flat', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        fc.infiniteStream(fc.double()),
        (rows, columns, values) => {
          const nested = Array.from({ length: rows }, () =>
            [...values.take(columns)].map((value) => (Number.isFinite(value) ? value : 0)),
          );
          const signature = { inputs: [{ name: 'x', datatype: 'FP64', shape: ['r', 'c'] }], outputs: [] } as const;
          const [first, second] = [nested, nested.flat()].map(
            (data) =>
              parseInferRequest(
                jsonBody({ inputs: [{ name: 'x', datatype: 'FP64', shape: [rows, columns], data }] }),
                undefined,
                signature,
              ).inputs,
          );
          expect(first).toEqual(second);
        },
      ),
    );
  });
});

describe('integers beyond 2^53', () => {
  test.each([
    ['INT64', '9007199254740993'],
    ['INT64', '-9007199254740993'],
    ['INT64', '9223372036854775807'],
    ['INT64', '-9223372036854775808'],
    ['UINT64', '18446744073709551615'],
  ] as const)('%s keeps %s exactly on the way in and out', (datatype, digits) => {
    // GIVEN a request that writes the integer in JSON
    const request = `{"inputs":[{"name":"x","shape":[2],"datatype":"${datatype}","data":[1,${digits}]}]}`;
    // WHEN it is parsed and its tensor encoded
    const [tensor] = parseInferRequest(jsonBody(request), undefined, {
      inputs: [{ name: 'x', datatype, shape: ['n'] }],
      outputs: [],
    }).inputs;
    if (tensor === undefined) throw new Error('expected a tensor');
    // THEN both hold every digit
    expect([...tensor.data].map(String)).toEqual(['1', digits]);
    const { body } = encodeInferResponse({
      modelName: 'm',
      modelVersion: '1',
      outputs: [{ name: 'y', tensor, binary: false }],
    });
    expect(body).toContain(`"data":[1,${digits}]`);
  });
});
