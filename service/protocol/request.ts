import type { Tensor, TensorSignature } from '../tensor';

/** An output the caller asked for. */
export interface RequestedOutput {
  /** Position in `TensorSignature.outputs`. */
  readonly index: number;
  /** True where the caller wants the raw bytes behind the JSON, false for JSON. */
  readonly binary: boolean;
  /** The caller wants the `classification` highest values as `"value:index"` strings instead of the tensor. */
  readonly classification?: number;
}

/** An inference request with every name resolved and every element checked against the model's signature. */
export interface InferRequest {
  readonly id?: string;
  /** In the order of `TensorSignature.inputs`. Numeric data may be a view of the body: never transfer or change it. */
  readonly inputs: readonly Tensor[];
  /** In the order the caller asked for; every output of the model where the caller named none. */
  readonly outputs: readonly RequestedOutput[];
  /** Microseconds the caller is willing to wait; absent where the caller set none (or 0). */
  readonly timeoutUs?: number;
  /** 1 is the highest; absent where the caller set none (or 0). */
  readonly priority?: number;
  /** The request's parameters as sent, those above among them. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/**
 * Decodes the body of `POST …/infer` (Open Inference Protocol v2 over REST with the binary tensor extension).
 *
 * @param body the whole body, decompressed
 * @param headerLength bytes of JSON in front of the binary tensors, from {@link parseHeaderLength}; undefined where the
 *   whole body is JSON; 0 where the whole body is the only input, of batch 1
 * @throws ServiceError 400 naming the input and what is wrong with it
 */
export declare function parseInferRequest(
  body: Buffer,
  headerLength: number | undefined,
  signature: TensorSignature,
): InferRequest;
