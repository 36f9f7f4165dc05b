import { expect, test } from '@jest/globals';
import { modelMetadata } from '../../../service/protocol/metadata';

test('model metadata show dimensions of any size as -1', () => {
  const signature = {
    inputs: [{ name: 'x', datatype: 'FP32', shape: ['batch', -1, '', 13] }],
    outputs: [{ name: 'y', datatype: 'BYTES', shape: [] }],
  } as const;
  expect(modelMetadata('fraud', ['1', '2'], signature)).toEqual({
    name: 'fraud',
    versions: ['1', '2'],
    platform: 'onnx_onnxv1',
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, -1, -1, 13] }],
    outputs: [{ name: 'y', datatype: 'BYTES', shape: [] }],
  });
});
