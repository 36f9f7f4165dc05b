import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PROVIDERS, withFallbacks } from '../../../service/provider';
import { ModelSession, tryProvider } from '../../../service/runtime/session';
import { DATA_TYPES, type DataType, isDataType, type Tensor, type TensorData } from '../../../service/tensor';
import { fixturePath, fp32, int64, plain } from './fixtures';

const OPTIONS = { intraOpThreads: 1 };
const ALL = Object.keys(DATA_TYPES)
  .filter(isDataType)
  .filter((datatype) => datatype !== 'FP16');
/** ONNX Runtime passes half precision as raw bits, which ends where JavaScript has an array of its own for it. */
const HAS_FP16 = !('Float16Array' in globalThis);

let session: ModelSession | undefined;

function open(model: string): ModelSession {
  session = ModelSession.open(fixturePath(model), OPTIONS);
  return session;
}

afterEach(() => {
  session?.release();
  session = undefined;
});

/** Extremes and special values of each datatype. */
const EDGES: Readonly<Record<DataType, TensorData>> = {
  BOOL: Uint8Array.of(0, 1),
  UINT8: Uint8Array.of(0, 255),
  UINT16: Uint16Array.of(0, 65535),
  UINT32: Uint32Array.of(0, 4294967295),
  UINT64: BigUint64Array.of(0n, 18446744073709551615n),
  INT8: Int8Array.of(-128, 127),
  INT16: Int16Array.of(-32768, 32767),
  INT32: Int32Array.of(-2147483648, 2147483647),
  INT64: BigInt64Array.of(-9223372036854775808n, 9007199254740993n),
  FP16: Uint16Array.of(0x7e00, 0x8000),
  FP32: Float32Array.of(Number.NaN, -0),
  FP64: Float64Array.of(Number.NEGATIVE_INFINITY, Number.MIN_VALUE),
  BYTES: ['', 'Straße 😀'],
};

describe('signature', () => {
  test('names inputs and outputs in the model’s order, with datatypes and symbolic dimensions', () => {
    const { signature } = open('identity');
    expect(signature.inputs).toEqual(
      ALL.map((datatype) => ({ name: `in_${datatype}`, datatype, shape: ['batch', 2] })),
    );
    expect(signature.outputs).toEqual(
      ALL.map((datatype) => ({ name: `out_${datatype}`, datatype, shape: ['batch', 2] })),
    );
  });

  test('gives each dimension without a name one of its own', () => {
    const { signature } = open('nonzero');
    expect(signature.outputs[0]?.shape).toEqual([2, '?1']);
  });
});

describe('run', () => {
  test('carries every datatype in and out bit for bit', () => {
    const { run, signature } = bound(open('identity'));
    const inputs = ALL.map((datatype): Tensor => ({ datatype, shape: [1, 2], data: EDGES[datatype] }));
    const { outputs } = run(
      inputs,
      signature.outputs.map((_, i) => i),
    );
    expect(outputs).toEqual(inputs);
  });

  (HAS_FP16 ? test : test.skip)('carries half precision as raw bits', () => {
    const { run } = bound(open('identity_fp16'));
    const inputs: Tensor[] = [{ datatype: 'FP16', shape: [1, 2], data: EDGES.FP16 }];
    const { outputs } = run(inputs, [0]);
    expect(outputs).toEqual(inputs);
  });

  test('reads views into a larger buffer', () => {
    const { run } = bound(open('add'));
    const buffer = Float32Array.from([9, 9, 1, 2, 3, 9]);
    const view: Tensor = { datatype: 'FP32', shape: [1, 3], data: buffer.subarray(2, 5) };
    const { outputs } = run([view, fp32([1, 3], [10, 20, 30])], [0]);
    expect(plain(outputs)).toEqual([{ shape: [1, 3], values: [11, 22, 33] }]);
  });

  test('gives the requested outputs in the requested order', () => {
    const { run } = bound(open('add'));
    const { outputs } = run([fp32([1, 3], [1, 2, 3]), fp32([1, 3], [1, 1, 1])], [1, 0]);
    expect(plain(outputs).map(({ values }) => values)).toEqual([
      [0, 1, 2],
      [2, 3, 4],
    ]);
  });

  test('takes tensors without elements', () => {
    const { run } = bound(open('add'));
    const { outputs } = run([fp32([0, 3], []), fp32([0, 3], [])], [0]);
    expect(plain(outputs)).toEqual([{ shape: [0, 3], values: [] }]);
  });

  test('fails in one line with the model’s own reason', () => {
    const { run } = bound(open('embed'));
    expect(() => run([int64([9])], [0])).toThrow(
      /^indices element out of data bounds, idx=9 must be within the inclusive range \[-5,4\]$/,
    );
  });

  test('adds what it is told to add', () => {
    const { run } = bound(open('add'));
    fc.assert(
      fc.property(fc.array(fc.float({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 3, maxLength: 3 }), (a) => {
        const { outputs } = run([fp32([1, 3], a), fp32([1, 3], [1, 1, 1])], [0]);
        expect([...(outputs[0]?.data ?? [])]).toEqual(a.map((value) => Math.fround(value + 1)));
      }),
      { numRuns: 50 },
    );
  });
});

describe('files that cannot be served', () => {
  (HAS_FP16 ? test.skip : test)('half precision on a version of Node that it does not work on', () => {
    expect(() => open('identity_fp16')).toThrow("input 'in_FP16' is FP16, which ONNX Runtime cannot pass on Node");
  });

  test.each([
    ['truncated', 'the file cannot be loaded as an ONNX model: Protobuf parsing failed.'],
    ['not_a_model', 'the file cannot be loaded as an ONNX model: Protobuf parsing failed.'],
    ['missing', /^the file cannot be loaded as an ONNX model: .*File doesn't exist/],
    ['sequence', "output 'list' is not a tensor but a sequence, map or optional"],
  ])('%s: the reason is one sentence', (model, reason) => {
    expect(() => open(model)).toThrow(reason);
  });
});

function bound(opened: ModelSession): Pick<ModelSession, 'run' | 'signature'> {
  return { signature: opened.signature, run: (inputs, outputs) => opened.run(inputs, outputs) };
}

describe('a provider', () => {
  test('that is there takes the smallest model', async () => {
    await expect(tryProvider('cpu')).resolves.toBeUndefined();
  });

  test('without its libraries is told in one line', async () => {
    await expect(tryProvider('cuda')).rejects.toThrow(/^\S.*Failed to load shared library$/);
  });
});

test('what a provider cannot run falls to the next, and to the CPU at last', () => {
  expect(PROVIDERS.map(withFallbacks)).toEqual([['cpu'], ['cuda', 'cpu'], ['tensorrt', 'cuda', 'cpu']]);
});
