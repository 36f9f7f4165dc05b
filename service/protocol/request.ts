import { isUtf8 } from 'node:buffer';
import { messageOf } from '../../lib/spec/message-of';
import { badRequest } from '../errors';
import type { Tensor, TensorSignature } from '../tensor';
import { described, isJsonObject, type JsonObject, onOneLine } from './describe';
import { decodeRawBody } from './raw-request';
import { parseInputs } from './request-inputs';
import { allOutputs, parseRequestedOutputs, type RequestedOutput } from './requested-outputs';

/** An inference request with every name resolved and every element checked against the model's signature. */
export interface InferRequest {
  readonly id: string | undefined;
  /** In the order of `TensorSignature.inputs`. Numeric data may be a view of the body: never transfer or change it. */
  readonly inputs: readonly Tensor[];
  /** In the order the caller asked for; every output of the model where the caller named none. */
  readonly outputs: readonly RequestedOutput[];
  /** Microseconds the caller is willing to wait; undefined where the caller set none, or 0. */
  readonly timeoutUs: number | undefined;
  /** The request's parameters as sent, those above among them. */
  readonly parameters: JsonObject;
}

const NO_PARAMETERS: JsonObject = Object.freeze({});

/**
 * Decodes the body of `POST …/infer` (Open Inference Protocol v2 over REST with the binary tensor extension).
 *
 * @param body the whole body, decompressed
 * @param headerLength bytes of JSON in front of the binary tensors, from `parseHeaderLength`; undefined where the whole
 *   body is JSON; 0 where the whole body is the only input, of batch 1, and outputs are binary
 * @throws ServiceError 400 naming the input and what is wrong with it
 */
export function parseInferRequest(
  body: Buffer,
  headerLength: number | undefined,
  signature: TensorSignature,
): InferRequest {
  if (headerLength === 0) {
    return {
      id: undefined,
      inputs: decodeRawBody(body, signature),
      outputs: allOutputs(signature.outputs, true),
      timeoutUs: undefined,
      parameters: NO_PARAMETERS,
    };
  }
  const jsonBytes = headerLength ?? body.length;
  const json = decodeText(jsonBytes === body.length ? body : body.subarray(0, jsonBytes));
  const request = parseJson(json);
  if (!isJsonObject(request)) throw badRequest(`the body is ${described(request)}, expected a JSON object`);
  const id = request.id ?? undefined;
  if (id !== undefined && typeof id !== 'string') throw badRequest(`id is ${described(id)}, expected a string`);
  const parameters = objectOrNone(request.parameters, 'parameters');
  const binaryByDefault = parameters.binary_data_output ?? false;
  if (typeof binaryByDefault !== 'boolean') {
    throw badRequest(`parameter binary_data_output is ${described(binaryByDefault)}, expected true or false`);
  }
  return {
    id,
    inputs: parseInputs(request.inputs, json, body, jsonBytes, signature.inputs),
    outputs: parseRequestedOutputs(request.outputs, binaryByDefault, signature),
    timeoutUs: positiveOrNone(parameters, 'timeout'),
    parameters,
  };
}

/** The JSON part as text. Bytes that are not UTF-8 are refused, where a lenient decoder would change strings. */
function decodeText(json: Buffer): string {
  const text = json.toString();
  // Every invalid byte decodes to this character, so the bytes are only checked where it occurs.
  if (text.includes('\uFFFD') && !isUtf8(json)) throw badRequest('the body is not valid UTF-8');
  return text;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badRequest(`the body is not valid JSON: ${syntaxProblem(error)}`);
  }
}

/** V8's own words with the position or the text around it, as part of a sentence. */
function syntaxProblem(error: unknown): string {
  const reason = messageOf(error);
  const problem = reason.replace(/ is not valid JSON$| in JSON\b/, '').replaceAll('...', '…');
  return onOneLine(problem.charAt(0).toLowerCase() + problem.slice(1));
}

function objectOrNone(value: unknown, what: string): JsonObject {
  if (value === undefined || value === null) return NO_PARAMETERS;
  if (!isJsonObject(value)) throw badRequest(`${what} is ${described(value)}, expected an object`);
  return value;
}

/** The protocol gives 0 the meaning of the default, as if the parameter were absent. */
function positiveOrNone(parameters: JsonObject, name: string): number | undefined {
  const value = parameters[name];
  if (value === undefined || value === null || value === 0) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) {
    throw badRequest(`parameter ${name} is ${described(value)}, expected a whole number from 0 on`);
  }
  return value;
}
