import { ServiceError } from '../../../service/errors';
import type { InferRequest } from '../../../service/protocol/request';
import { parseInferRequest } from '../../../service/protocol/request';
import type { DataType, TensorSignature } from '../../../service/tensor';

/** A model with one input called `x` and one output called `y`. */
export function signatureOf(datatype: DataType, shape: readonly (number | string)[]): TensorSignature {
  return { inputs: [{ name: 'x', datatype, shape }], outputs: [{ name: 'y', datatype: 'FP32', shape: ['batch'] }] };
}

/** A request body of JSON alone. */
export function jsonBody(request: unknown): Buffer {
  return Buffer.from(typeof request === 'string' ? request : JSON.stringify(request));
}

/** A request for a model of {@link signatureOf}. */
export function requestOf(datatype: string, shape: unknown, data: unknown): Buffer {
  return jsonBody({ inputs: [{ name: 'x', shape, datatype, data }] });
}

/** Parses a request that is JSON alone. */
export function parseJsonRequest(signature: TensorSignature, request: unknown): InferRequest {
  return parseInferRequest(jsonBody(request), undefined, signature);
}

/** A request whose tensors follow the JSON as raw bytes. */
export function binaryBody(
  request: unknown,
  ...tensors: readonly Uint8Array[]
): { body: Buffer; headerLength: number } {
  const json = jsonBody(request);
  return { body: Buffer.concat([json, ...tensors]), headerLength: json.length };
}

/** The error that `act` throws, which must be a 400 of the service. */
export function refusal(act: () => unknown): ServiceError {
  try {
    act();
  } catch (error) {
    if (error instanceof ServiceError && error.statusCode === 400) return error;
    throw error;
  }
  throw new Error('expected a refusal, but the request was accepted');
}
