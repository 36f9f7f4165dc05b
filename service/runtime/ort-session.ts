/**
 * The session of ONNX Runtime's binding for Node, one floor below its public class: that one puts each run behind a
 * promise and a `setImmediate`, which at small models costs a third of the run (docs/decisions, "The binding itself").
 */
import type { InferenceSession as PublicSession, Tensor } from 'onnxruntime-node';
import { type Binding, binding, initOrt } from 'onnxruntime-node/dist/binding';

export type OrtTensors = Record<string, Tensor>;
/** The wanted outputs as keys. */
export type Fetches = Record<string, null>;

/** An input or output as the file declares it. */
export interface OrtValue {
  readonly name: string;
  /** Name of the element type in ONNX Runtime, or `type 16` where that has none; undefined: not a tensor. */
  readonly type: string | undefined;
  /** A dimension without a size has its name, which may be empty. */
  readonly shape: readonly (number | string)[];
}

/** Elements by number, as files say them (TensorProto.DataType of onnx.proto, ONNX 1.20). */
const ELEMENT_TYPES: Readonly<Record<number, string>> = {
  1: 'float32',
  2: 'uint8',
  3: 'int8',
  4: 'uint16',
  5: 'int16',
  6: 'int32',
  7: 'int64',
  8: 'string',
  9: 'bool',
  10: 'float16',
  11: 'float64',
  12: 'uint32',
  13: 'uint64',
};

export class OrtSession {
  readonly inputs: readonly OrtValue[];
  readonly outputs: readonly OrtValue[];
  readonly #native: Binding.InferenceSession;

  /** Blocks while the file is parsed and optimised. */
  constructor(path: string, options: PublicSession.SessionOptions) {
    initOrt();
    this.#native = new binding.InferenceSession();
    this.#native.loadModel(path, options);
    this.inputs = this.#native.inputMetadata.map(toValue);
    this.outputs = this.#native.outputMetadata.map(toValue);
  }

  /** Blocks until the model has run. */
  run(feeds: OrtTensors, fetches: Fetches, options: PublicSession.RunOptions): OrtTensors {
    return this.#native.run(feeds, fetches, options);
  }

  release(): void {
    this.#native.dispose();
  }
}

function toValue({ name, isTensor, type, shape, symbolicDimensions }: Binding.ValueMetadata): OrtValue {
  if (!isTensor) return { name, type: undefined, shape: [] };
  return {
    name,
    type: ELEMENT_TYPES[type] ?? `type ${type}`,
    shape: shape.map((size, i) => (size < 0 ? (symbolicDimensions[i] ?? '') : size)),
  };
}
