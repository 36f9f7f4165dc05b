import type { Tensor } from '../tensor';
import { binarySizeBytes, writeBinaryData } from './binary-data';
import { jsonData, jsonString } from './json-text';

/** One output of an answer. */
export interface InferOutput {
  readonly name: string;
  readonly tensor: Tensor;
  /** True for raw bytes behind the JSON, false for JSON. */
  readonly binary: boolean;
}

export interface InferResponse {
  readonly modelName: string;
  readonly modelVersion: string;
  /** Echo of the request's id. */
  readonly id?: string | undefined;
  readonly outputs: readonly InferOutput[];
}

export interface EncodedResponse {
  /** JSON text, or JSON followed by the binary tensors. */
  readonly body: string | Buffer;
  /** Bytes of JSON at the start of the body, for `Inference-Header-Content-Length`; set when binary tensors follow. */
  readonly headerLength?: number;
}

/** Encodes the answer of `POST …/infer`: JSON, or JSON with the binary tensors behind it in the order of `outputs`. */
export function encodeInferResponse({ modelName, modelVersion, id, outputs }: InferResponse): EncodedResponse {
  let json = `{"model_name":${jsonString(modelName)},"model_version":${jsonString(modelVersion)}`;
  if (id !== undefined) json += `,"id":${jsonString(id)}`;
  json += ',"outputs":[';
  let separator = '';
  let binaryBytes = 0;
  let binaryOutputs = 0;
  for (const { name, tensor, binary } of outputs) {
    json += `${separator}{"name":${jsonString(name)},"datatype":"${tensor.datatype}","shape":[${shapeText(tensor.shape)}]`;
    separator = ',';
    if (binary) {
      const sizeBytes = binarySizeBytes(tensor);
      binaryBytes += sizeBytes;
      binaryOutputs++;
      json += `,"parameters":{"binary_data_size":${sizeBytes}}}`;
    } else {
      json += `,"data":${jsonData(tensor, name)}}`;
    }
  }
  json += ']}';
  return binaryOutputs === 0 ? { body: json } : withBinaryData(json, binaryBytes, outputs);
}

function withBinaryData(json: string, binaryBytes: number, outputs: readonly InferOutput[]): EncodedResponse {
  const headerLength = Buffer.byteLength(json);
  const body = Buffer.allocUnsafe(headerLength + binaryBytes);
  let offset = body.write(json);
  for (const { tensor, binary } of outputs) {
    if (binary) offset = writeBinaryData(tensor, body, offset);
  }
  return { body, headerLength };
}

/** Shapes are short, and joining an array costs more than adding its one or two numbers. */
function shapeText(shape: readonly number[]): string {
  let text = '';
  for (let axis = 0; axis < shape.length; axis++) text += axis === 0 ? shape[axis] : `,${shape[axis]}`;
  return text;
}
