import { describe, expect, test } from '@jest/globals';
import { parseInferRequest } from '../../../service/protocol/request';
import type { DataType, TensorData } from '../../../service/tensor';
import { binaryBody, jsonBody, parseJsonRequest, refusal, requestOf, signatureOf } from './bodies';

/** The data of the only input, whose shape is the number of its elements; `json` is the text of the array. */
function parsed(datatype: DataType, count: number, json: string): TensorData | undefined {
  const request = `{"inputs":[{"name":"x","shape":[${count}],"datatype":"${datatype}","data":${json}}]}`;
  return parseJsonRequest(signatureOf(datatype, ['n']), request).inputs[0]?.data;
}

describe('elements in JSON', () => {
  test.each([
    ['INT8', -128, 127],
    ['INT16', -32_768, 32_767],
    ['INT32', -2_147_483_648, 2_147_483_647],
    ['UINT8', 0, 255],
    ['UINT16', 0, 65_535],
    ['UINT32', 0, 4_294_967_295],
  ] as const)('%s takes %d to %d and nothing beyond', (datatype, min, max) => {
    expect([...(parsed(datatype, 2, `[${min},${max}]`) ?? [])]).toEqual([min, max]);
    for (const beyond of [min - 1, max + 1]) {
      expect(refusal(() => parsed(datatype, 2, `[0,${beyond}]`)).message).toBe(
        `input 'x' is ${datatype}, but element 1 is ${beyond}, expected an integer from ${min} to ${max}`,
      );
    }
  });

  test.each([
    ['INT64', '9223372036854775808'],
    ['INT64', '-9223372036854775809'],
    ['INT64', '1e300'],
    ['UINT64', '18446744073709551616'],
    ['UINT64', '-1'],
    ['UINT64', '-9007199254740993'],
  ] as const)('%s refuses %s, which is out of range', (datatype, digits) => {
    expect(refusal(() => parsed(datatype, 2, `[0,${digits}]`)).message).toMatch(
      /^input 'x' is U?INT64, but element 1 is [-\d.e+]+, expected an integer from -?\d+ to \d+$/,
    );
  });

  test.each([
    ['1e18', 1_000_000_000_000_000_000n],
    ['9007199254740993.0', 9_007_199_254_740_993n],
    ['9.007199254740993E15', 9_007_199_254_740_993n],
    ['90071992547409930e-1', 9_007_199_254_740_993n],
    ['-9223372036854775808', -9_223_372_036_854_775_808n],
  ])('INT64 takes %s exactly', (digits, value) => {
    expect(parsed('INT64', 2, `[7,${digits}]`)).toEqual(BigInt64Array.of(7n, value));
  });

  test('INT64 refuses a fraction that a double cannot show', () => {
    expect(refusal(() => parsed('INT64', 1, '[9007199254740993.5]')).message).toMatch(
      /element 0 is 9007199254740993.5/,
    );
  });

  test('INT64 beyond 2^53 is exact in the last of several nested inputs', () => {
    // GIVEN a model of two inputs, named in the other order by the request
    const signature = {
      inputs: [
        { name: 'a', datatype: 'INT64', shape: ['n', 2] },
        { name: 'b', datatype: 'INT64', shape: ['n'] },
      ],
      outputs: [],
    } as const;
    const request = `{"inputs":[{"name":"b","shape":[2],"datatype":"INT64","data":[9007199254740993,1]},
      {"name":"a","shape":[2,2],"datatype":"INT64","data":[[1,2],[3,-9007199254740995]]}]}`;
    // WHEN it is parsed
    const { inputs } = parseJsonRequest(signature, request);
    // THEN each integer is where it belongs
    expect(inputs.map(({ data }) => data)).toEqual([
      BigInt64Array.of(1n, 2n, 3n, -9_007_199_254_740_995n),
      BigInt64Array.of(9_007_199_254_740_993n, 1n),
    ]);
  });

  test('INT64 beyond 2^53 in a body nested too deeply to read twice is refused', () => {
    const deep = `${'['.repeat(1e5)}${']'.repeat(1e5)}`;
    const request = `{"extra":${deep},"inputs":[{"name":"x","shape":[1],"datatype":"INT64","data":[9007199254740993]}]}`;
    expect(refusal(() => parseJsonRequest(signatureOf('INT64', ['n']), request)).message).toBe(
      'the body is nested too deeply to read integers beyond 2^53',
    );
  });

  test('INT64 beyond 2^53 takes the last of two members of one name, as JSON.parse does', () => {
    const request =
      '{"inputs":[{"name":"x","shape":[1],"datatype":"INT64","data":[9007199254740993],"data":[9007199254740995]}]}';
    expect(parseJsonRequest(signatureOf('INT64', ['n']), request).inputs[0]?.data).toEqual(
      BigInt64Array.of(9_007_199_254_740_995n),
    );
  });

  test.each(['INT8', 'INT16', 'INT32', 'INT64', 'UINT8', 'UINT16', 'UINT32', 'UINT64'] as const)(
    '%s refuses what is no integer',
    (datatype) => {
      for (const wrong of ['1.5', '"1"', 'true', 'null', '[1]', '{}', '{"valueOf":1}']) {
        expect(refusal(() => parsed(datatype, 2, `[0,${wrong}]`)).message).toMatch(
          /element 1 is .*, expected an integer from/,
        );
      }
    },
  );

  test.each(['FP32', 'FP64'] as const)('%s takes NaN and the infinities as strings', (datatype) => {
    expect([...(parsed(datatype, 3, '["NaN","Infinity","-Infinity"]') ?? [])]).toEqual([
      Number.NaN,
      Infinity,
      -Infinity,
    ]);
  });

  test.each(['FP32', 'FP64'] as const)('%s refuses what is no number', (datatype) => {
    for (const wrong of ['"1"', '"nan"', 'true', 'null', '{}']) {
      expect(refusal(() => parsed(datatype, 2, `[0,${wrong}]`)).message).toMatch(
        /element 1 is .*, expected a number, 'NaN'/,
      );
    }
  });

  test.each([
    ['FP32', '3.5e38'],
    ['FP32', '3.4028235677973366e38'],
    ['FP32', '-3.5e38'],
    ['FP64', '1e400'],
  ] as const)('%s refuses %s, which would become infinite', (datatype, value) => {
    expect(refusal(() => parsed(datatype, 2, `[0,${value}]`)).message).toBe(
      `input 'x' has element 1 beyond the range of ${datatype}`,
    );
  });

  test('FP32 takes the largest finite value and what rounds to it', () => {
    expect(parsed('FP32', 2, '[3.4028234663852886e38,-3.40282350e38]')).toEqual(
      Float32Array.of(3.4028234663852886e38, -3.4028234663852886e38),
    );
  });

  test('BOOL takes true and false alone', () => {
    expect(parsed('BOOL', 2, '[true,false]')).toEqual(Uint8Array.of(1, 0));
    for (const wrong of ['1', '"true"', 'null']) {
      expect(refusal(() => parsed('BOOL', 1, `[${wrong}]`)).message).toMatch(
        /element 0 is .*, expected true or false$/,
      );
    }
  });

  test.each([
    ['a number', '[1]', "input 'x' is BYTES, but element 0 is 1, expected a string"],
    ['null', '[null]', "input 'x' is BYTES, but element 0 is null, expected a string"],
    [
      'a NUL character',
      '["a\\u0000b"]',
      "input 'x' has a NUL character in element 0, where the model would cut the string",
    ],
    [
      'half of a surrogate pair',
      '["a\\ud800"]',
      "input 'x' has half of a surrogate pair in element 0, expected valid Unicode",
    ],
  ])('BYTES refuses %s', (_, json, sentence) => {
    expect(refusal(() => parsed('BYTES', 1, json)).message).toBe(sentence);
  });

  test('zero rows are served', () => {
    const { inputs } = parseInferRequest(requestOf('FP32', [0, 3], []), undefined, signatureOf('FP32', ['n', 3]));
    expect(inputs).toEqual([{ datatype: 'FP32', shape: [0, 3], data: new Float32Array(0) }]);
  });

  test.each([['[5]'], ['5']])('a scalar is served, written as %s', (json) => {
    const body = jsonBody(`{"inputs":[{"name":"x","shape":[],"datatype":"FP32","data":${json}}]}`);
    const { inputs } = parseInferRequest(body, undefined, signatureOf('FP32', []));
    expect(inputs).toEqual([{ datatype: 'FP32', shape: [], data: Float32Array.of(5) }]);
  });
});

describe('elements in binary data', () => {
  const request = (datatype: string, shape: readonly number[], size: number, padding = '') => ({
    padding,
    inputs: [{ name: 'x', shape, datatype, parameters: { binary_data_size: size } }],
  });

  test('are a view of the body where their address allows it', () => {
    // GIVEN a body whose tensor starts at a multiple of the element's size
    const { body, headerLength } = aligned(Float64Array.of(1, 2));
    // WHEN it is parsed THEN no byte was copied
    const data = parseInferRequest(body, headerLength, signatureOf('FP64', ['n'])).inputs[0]?.data;
    expect(data).toEqual(Float64Array.of(1, 2));
    expect(Array.isArray(data) ? undefined : data?.buffer).toBe(body.buffer);
  });

  test('are a copy where their address does not allow a view', () => {
    // GIVEN the same body one byte further on
    const { body, headerLength } = aligned(Float64Array.of(1, 2));
    const shifted = Buffer.concat([Buffer.alloc(1), body]).subarray(1);
    // WHEN it is parsed THEN the values are the same
    const data = parseInferRequest(shifted, headerLength, signatureOf('FP64', ['n'])).inputs[0]?.data;
    expect(data).toEqual(Float64Array.of(1, 2));
  });

  function aligned(values: Float64Array): { body: Buffer; headerLength: number } {
    for (let padding = 0; padding < 8; padding++) {
      const json = jsonBody(request('FP64', [values.length], values.byteLength, ' '.repeat(padding)));
      if (json.length % 8 !== 0) continue;
      const body = Buffer.from(new ArrayBuffer(json.length + values.byteLength));
      body.set(json);
      body.set(new Uint8Array(values.buffer), json.length);
      return { body, headerLength: json.length };
    }
    throw new Error('no padding aligns the tensor');
  }

  test('follow the order of the request, not of the model', () => {
    const signature = {
      inputs: [
        { name: 'a', datatype: 'UINT8', shape: ['n'] },
        { name: 'b', datatype: 'UINT8', shape: ['m'] },
        { name: 'c', datatype: 'UINT8', shape: ['k'] },
      ],
      outputs: [],
    } as const;
    const { body, headerLength } = binaryBody(
      {
        inputs: [
          { name: 'c', shape: [2], datatype: 'UINT8', parameters: { binary_data_size: 2 } },
          { name: 'b', shape: [1], datatype: 'UINT8', data: [9] },
          { name: 'a', shape: [1], datatype: 'UINT8', parameters: { binary_data_size: 1 } },
        ],
      },
      Uint8Array.of(1, 2, 3),
    );
    expect(parseInferRequest(body, headerLength, signature).inputs.map(({ data }) => data)).toEqual([
      Uint8Array.of(3),
      Uint8Array.of(9),
      Uint8Array.of(1, 2),
    ]);
  });

  test('of BOOL are refused where a byte is neither 0 nor 1', () => {
    const { body, headerLength } = binaryBody(request('BOOL', [3], 3), Uint8Array.of(1, 0, 2));
    expect(refusal(() => parseInferRequest(body, headerLength, signatureOf('BOOL', ['n']))).message).toBe(
      "input 'x' is BOOL, but byte 2 is 2, expected 0 or 1",
    );
  });

  test.each([
    ['that end within a length', [1, 0, 0, 0, 65, 1, 0], "input 'x' ends within the length of element 1"],
    [
      'that end within an element',
      [1, 0, 0, 0, 65, 3, 0, 0, 0, 66],
      "input 'x' declares 3 bytes for element 1, but only 1 remain",
    ],
    [
      'with a length of four gigabytes',
      [255, 255, 255, 255, 65],
      "input 'x' declares 4294967295 bytes for element 0, but only 1 remain",
    ],
    ['for too few elements', [1, 0, 0, 0, 65], "input 'x' has binary data for 1 element, expected 2"],
    ['with bytes to spare', [0, 0, 0, 0, 0, 0, 0, 0, 7], "input 'x' has 1 bytes behind its last element"],
    ['with invalid UTF-8', [0, 0, 0, 0, 1, 0, 0, 0, 255], "input 'x' has element 1 that is not valid UTF-8"],
    [
      'with half of a surrogate pair',
      [0, 0, 0, 0, 3, 0, 0, 0, 0xed, 0xa0, 0x80],
      "input 'x' has element 1 that is not valid UTF-8",
    ],
    [
      'with a NUL character',
      [0, 0, 0, 0, 1, 0, 0, 0, 0],
      "input 'x' has a NUL character in element 1, where the model would cut the string",
    ],
  ])('of BYTES %s are refused', (_, bytes, sentence) => {
    const { body, headerLength } = binaryBody(request('BYTES', [2], bytes.length), Uint8Array.from(bytes));
    expect(refusal(() => parseInferRequest(body, headerLength, signatureOf('BYTES', ['n']))).message).toBe(sentence);
  });

  test('of BYTES keep a byte-order mark', () => {
    const { body, headerLength } = binaryBody(request('BYTES', [1], 7), Uint8Array.of(3, 0, 0, 0, 0xef, 0xbb, 0xbf));
    expect(parseInferRequest(body, headerLength, signatureOf('BYTES', ['n'])).inputs[0]?.data).toEqual(['\ufeff']);
  });

  test('of BYTES are not stored for by a mere declaration', () => {
    const { body, headerLength } = binaryBody(request('BYTES', [4e9], 4), new Uint8Array(4));
    expect(refusal(() => parseInferRequest(body, headerLength, signatureOf('BYTES', ['n']))).message).toBe(
      "input 'x' has binary data for 1 element, expected 4000000000",
    );
  });
});
