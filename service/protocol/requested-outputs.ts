import { badRequest } from '../errors';
import type { TensorSignature, TensorSpec } from '../tensor';
import { described, indexOfName, isJsonObject, listedNames, quoted } from './describe';

/** An output the caller asked for. */
export interface RequestedOutput {
  /** Position in `TensorSignature.outputs`. */
  readonly index: number;
  /** True where the caller wants the raw bytes behind the JSON, false for JSON. */
  readonly binary: boolean;
  /** The caller wants the `classification` highest values as `"value:index"` strings instead of the tensor. */
  readonly classification?: number | undefined;
}

/**
 * Reads `outputs` of a request.
 *
 * @param value undefined, null or an empty array ask for every output of the model
 * @param binaryByDefault how outputs travel that do not say it themselves
 * @throws ServiceError 400 naming the output
 */
export function parseRequestedOutputs(
  value: unknown,
  binaryByDefault: boolean,
  { outputs }: TensorSignature,
): RequestedOutput[] {
  if (value === undefined || value === null) return allOutputs(outputs, binaryByDefault);
  if (!Array.isArray(value)) throw badRequest(`outputs is ${described(value)}, expected an array`);
  if (value.length === 0) return allOutputs(outputs, binaryByDefault);
  const requested: RequestedOutput[] = [];
  const seen = new Set<number>();
  for (const [position, entry] of value.entries()) {
    const output = parseRequestedOutput(entry, position, binaryByDefault, outputs);
    if (seen.has(output.index)) throw badRequest(`output '${outputs[output.index]?.name}' is requested twice`);
    seen.add(output.index);
    requested.push(output);
  }
  return requested;
}

/** Every output of the model, in its own order. */
export function allOutputs(outputs: readonly TensorSpec[], binary: boolean): RequestedOutput[] {
  const requested: RequestedOutput[] = [];
  for (let index = 0; index < outputs.length; index++) {
    checkJsonCarries(outputs[index], binary);
    requested.push({ index, binary, classification: undefined });
  }
  return requested;
}

function parseRequestedOutput(
  entry: unknown,
  position: number,
  binaryByDefault: boolean,
  outputs: readonly TensorSpec[],
): RequestedOutput {
  if (!isJsonObject(entry)) throw badRequest(`outputs[${position}] is ${described(entry)}, expected an object`);
  const { name, parameters } = entry;
  if (typeof name !== 'string') {
    throw badRequest(`outputs[${position}] has a name that is ${described(name)}, expected a string`);
  }
  const index = indexOfName(outputs, name, position);
  const spec = outputs[index];
  if (spec === undefined) {
    throw badRequest(`output ${quoted(name)} does not exist, the model has ${listedNames(outputs)}`);
  }
  if (parameters === undefined || parameters === null) {
    checkJsonCarries(spec, binaryByDefault);
    return { index, binary: binaryByDefault, classification: undefined };
  }
  if (!isJsonObject(parameters)) {
    throw badRequest(`output '${name}' has parameters ${described(parameters)}, expected an object`);
  }
  const binary = parameters.binary_data ?? binaryByDefault;
  if (typeof binary !== 'boolean') {
    throw badRequest(`output '${name}' has binary_data ${described(binary)}, expected true or false`);
  }
  const classification = parseClassification(parameters.classification, spec);
  if (classification === undefined) checkJsonCarries(spec, binary);
  return { index, binary, classification };
}

function parseClassification(value: unknown, spec: TensorSpec): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1) {
    throw badRequest(`output '${spec.name}' has classification ${described(value)}, expected a whole number from 1 on`);
  }
  if (spec.datatype === 'BYTES' || spec.datatype === 'BOOL') {
    throw badRequest(`output '${spec.name}' is ${spec.datatype}, which classification cannot rank`);
  }
  return value;
}

function checkJsonCarries(spec: TensorSpec | undefined, binary: boolean): void {
  if (spec?.datatype === 'FP16' && !binary) {
    throw badRequest(`output '${spec.name}' is FP16, which JSON cannot carry, expected binary_data true`);
  }
}
