import type { Tensor } from '../tensor';

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

/** Encodes the answer of `POST …/infer`: JSON, or JSON with binary tensors behind it. */
export declare function encodeInferResponse(response: InferResponse): EncodedResponse;
