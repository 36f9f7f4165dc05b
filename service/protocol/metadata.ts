import type { TensorSignature, TensorSpec } from '../tensor';
import { isFixed } from './shape';

/** `platform` of an ONNX model run by ONNX Runtime, as other servers of the protocol name it. */
const PLATFORM = 'onnx_onnxv1';

export interface TensorMetadata {
  readonly name: string;
  readonly datatype: string;
  /** -1 stands for a dimension of any size. */
  readonly shape: readonly number[];
}

export interface ModelMetadata {
  readonly name: string;
  readonly versions: readonly string[];
  readonly platform: string;
  readonly inputs: readonly TensorMetadata[];
  readonly outputs: readonly TensorMetadata[];
}

/** The answer of `GET /v2/models/{model}`. */
export function modelMetadata(name: string, versions: readonly string[], signature: TensorSignature): ModelMetadata {
  return {
    name,
    versions,
    platform: PLATFORM,
    inputs: signature.inputs.map(tensorMetadata),
    outputs: signature.outputs.map(tensorMetadata),
  };
}

function tensorMetadata({ name, datatype, shape }: TensorSpec): TensorMetadata {
  return { name, datatype, shape: shape.map((dimension) => (isFixed(dimension) ? dimension : -1)) };
}
