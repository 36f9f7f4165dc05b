import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ServiceError } from '../../../service/errors';
import { parseHeaderLength } from '../../../service/protocol/header';
import { parseInferRequest } from '../../../service/protocol/request';
import type { TensorSignature } from '../../../service/tensor';
import { binaryBody } from './bodies';

const signature: TensorSignature = {
  inputs: [
    { name: 'floats', datatype: 'FP32', shape: ['batch', 2] },
    { name: 'ids', datatype: 'INT64', shape: ['batch'] },
    { name: 'texts', datatype: 'BYTES', shape: ['batch', 1] },
    { name: 'flags', datatype: 'BOOL', shape: [] },
  ],
  outputs: [
    { name: 'label', datatype: 'INT64', shape: ['batch'] },
    { name: 'scores', datatype: 'FP16', shape: ['batch', 2] },
  ],
};

const valid = {
  id: '42',
  parameters: { timeout: 1000, priority: 1, binary_data_output: true },
  inputs: [
    {
      name: 'floats',
      shape: [2, 2],
      datatype: 'FP32',
      data: [
        [1, 2.5],
        ['NaN', -4],
      ],
    },
    { name: 'texts', shape: [2, 1], datatype: 'BYTES', parameters: { binary_data_size: 11 } },
    { name: 'ids', shape: [2], datatype: 'INT64', data: [1, 2 ** 60] },
    { name: 'flags', shape: [], datatype: 'BOOL', parameters: { binary_data_size: 1 } },
  ],
  outputs: [{ name: 'scores' }, { name: 'label', parameters: { binary_data: false, classification: 1 } }],
};
const tail = Uint8Array.of(1, 0, 0, 0, 65, 2, 0, 0, 0, 0xc3, 0xbc, 1);

/** Parses like the HTTP layer does; returns whether the request was taken, and fails on anything but a 400. */
function isTaken(body: Buffer, header: string | undefined): boolean {
  try {
    parseInferRequest(body, parseHeaderLength(header, body.length), signature);
    return true;
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    expect(error).toMatchObject({ statusCode: 400, message: expect.stringMatching(/^[a-z][^\n]*[^.\s]$/s) });
    return false;
  }
}

const { body: validBody, headerLength } = binaryBody(valid, tail);

/** All paths to a value inside of `value`, the empty one to itself included. */
function pathsIn(value: unknown): (string | number)[][] {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return [[], ...entries.flatMap(([key, inner]) => pathsIn(inner).map((path) => [key, ...path]))];
}

function valuesIn(value: unknown): unknown[] {
  const inner = typeof value === 'object' && value !== null ? Object.values(value) : [];
  return [value, ...inner.flatMap(valuesIn)];
}

function replaced(value: unknown, [key, ...rest]: readonly (string | number)[], by: unknown): unknown {
  if (key === undefined) return by;
  if (Array.isArray(value))
    return value.map((inner, i) => (String(i) === String(key) ? replaced(inner, rest, by) : inner));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, name === key ? replaced(inner, rest, by) : inner]),
  );
}

const oddValues = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(
    null,
    -1,
    1.5,
    1e9,
    2 ** 53,
    2 ** 63,
    1e300,
    '__proto__',
    'constructor',
    'NaN',
    [],
    {},
    [[]],
    [1e9, 1e9],
  ),
  fc.constantFrom(...valuesIn(valid)),
);

describe('a mutated request is taken or refused with one sentence', () => {
  test('where nothing is mutated it is taken', () => {
    expect(isTaken(validBody, String(headerLength))).toBe(true);
  });

  test('where values of the JSON are replaced', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...pathsIn(valid)), oddValues), { minLength: 1, maxLength: 3 }),
        (changes) => {
          const request = changes.reduce<unknown>((value, [path, by]) => replaced(value, path, by), valid);
          const mutated = binaryBody(request ?? null, tail);
          isTaken(mutated.body, String(mutated.headerLength));
        },
      ),
      { numRuns: 3000 },
    );
  });

  test('where bytes are changed, added or lost', () => {
    const change = fc.tuple(fc.nat(validBody.length), fc.nat(3), fc.uint8Array({ maxLength: 3 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), fc.boolean(), (changes, keepsHeader) => {
        const body = changes.reduce(
          (bytes, [at, lost, added]) => Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + lost)]),
          validBody,
        );
        isTaken(body, String(keepsHeader ? headerLength : headerLength + body.length - validBody.length));
      }),
      { numRuns: 3000 },
    );
  });

  test('where the header says something else', () => {
    fc.assert(
      fc.property(fc.oneof(fc.nat(validBody.length + 2).map(String), fc.string(), fc.constant(undefined)), (header) => {
        isTaken(validBody, header);
      }),
      { numRuns: 500 },
    );
  });

  test('where the body is anything', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.json().map(Buffer.from)),
        fc.option(fc.nat(4)),
        (bytes, header) => {
          isTaken(Buffer.from(bytes), header === null ? undefined : String(header));
        },
      ),
      { numRuns: 1000 },
    );
  });
});
