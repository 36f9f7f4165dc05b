import { expect, test } from '@jest/globals';
import { inspectModel } from '../../../service/runtime/inspect';
import { fixturePath } from './fixtures';

test('tells the signature of a model file and what may be its batch', async () => {
  expect(await inspectModel(fixturePath('total'))).toEqual({
    signature: {
      inputs: [{ name: 'x', datatype: 'FP32', shape: ['N', 'length'] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: ['N'] }],
    },
    batchDimension: { name: 'N' },
  });
});

test('tells why a model cannot be batched', async () => {
  const { batchDimension } = await inspectModel(fixturePath('scale'));
  expect(batchDimension).toEqual({ reason: "input 'factor' is a scalar, not 'N'" });
});

test('says in one sentence that a file is not a model', async () => {
  await expect(inspectModel(fixturePath('truncated'))).rejects.toThrow('the file cannot be loaded as an ONNX model');
});
