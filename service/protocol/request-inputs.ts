import { badRequest, type ServiceError } from '../errors';
import { DATA_TYPES, isDataType, type Tensor, type TensorSpec } from '../tensor';
import { decodeBinaryData } from './binary-data';
import { described, indexOfName, isJsonObject, type JsonObject, listedNames, quoted } from './describe';
import { ExactIntegers } from './exact-integers';
import { decodeJsonData } from './json-data';
import { checkSymbolicSizes, parseShape } from './shape';

/**
 * Reads `inputs` of a request.
 *
 * @param json text of the JSON part, `jsonBytes` long in `body`; the binary data behind it is in the order of `entries`
 * @returns tensors in the order of `specs`
 * @throws ServiceError 400 naming the input
 */
export function parseInputs(
  entries: unknown,
  json: string,
  body: Buffer,
  jsonBytes: number,
  specs: readonly TensorSpec[],
): Tensor[] {
  if (!Array.isArray(entries)) throw badRequest(`inputs is ${described(entries)}, expected an array`);
  const decoder = new InputDecoder(json, body, jsonBytes);
  const found: (Tensor | undefined)[] = [];
  for (let i = 0; i < specs.length; i++) found.push(undefined);
  for (let position = 0; position < entries.length; position++) {
    const entry: unknown = entries[position];
    if (!isJsonObject(entry)) throw badRequest(`inputs[${position}] is ${described(entry)}, expected an object`);
    const { name } = entry;
    if (typeof name !== 'string') {
      throw badRequest(`inputs[${position}] has a name that is ${described(name)}, expected a string`);
    }
    const index = indexOfName(specs, name, position);
    const spec = specs[index];
    if (spec === undefined) {
      throw badRequest(`input ${quoted(name)} does not exist, the model takes ${listedNames(specs)}`);
    }
    if (found[index] !== undefined) throw badRequest(`input '${name}' is given twice`);
    found[index] = decoder.decode(entry, position, spec);
  }
  decoder.expectEnd();
  if (!isComplete(found)) throw missingInput(found, specs);
  checkSymbolicSizes(specs, found);
  return found;
}

/** Decodes one input after the other and keeps the place in the binary data, which they share in this order. */
class InputDecoder {
  readonly #exact: ExactIntegers;
  readonly #body: Buffer;
  #offset: number;

  constructor(json: string, body: Buffer, binaryOffset: number) {
    this.#exact = new ExactIntegers(json);
    this.#body = body;
    this.#offset = binaryOffset;
  }

  decode(entry: JsonObject, position: number, spec: TensorSpec): Tensor {
    checkDatatype(entry.datatype, spec);
    const shape = parseShape(entry.shape, spec);
    const sizeBytes = binaryDataSize(entry, spec);
    const data =
      sizeBytes === undefined
        ? decodeJsonData(spec, shape, entry.data, this.#exact, position)
        : decodeBinaryData(spec, shape, this.#take(sizeBytes, spec));
    return { datatype: spec.datatype, shape, data };
  }

  #take(sizeBytes: number, spec: TensorSpec): Buffer {
    const start = this.#offset;
    const left = this.#body.length - start;
    if (sizeBytes > left) {
      throw badRequest(
        `input '${spec.name}' has binary_data_size ${sizeBytes}, but only ${left} bytes are left behind the JSON, whose length is in the header Inference-Header-Content-Length`,
      );
    }
    this.#offset += sizeBytes;
    return this.#body.subarray(start, this.#offset);
  }

  expectEnd(): void {
    const left = this.#body.length - this.#offset;
    if (left > 0) {
      throw badRequest(`the body has ${left} bytes behind the JSON that no input claims by binary_data_size`);
    }
  }
}

function checkDatatype(datatype: unknown, spec: TensorSpec): void {
  if (datatype === spec.datatype) return;
  if (typeof datatype === 'string' && isDataType(datatype)) {
    throw badRequest(`input '${spec.name}' is ${datatype} in the request, but the model takes ${spec.datatype}`);
  }
  const known = Object.keys(DATA_TYPES).join(', ');
  throw badRequest(`input '${spec.name}' has a datatype that is ${described(datatype)}, expected one of ${known}`);
}

/** Size of the input's binary data, or undefined where it is in the JSON; never both and never neither. */
function binaryDataSize({ data, parameters }: JsonObject, spec: TensorSpec): number | undefined {
  const size = parameters === undefined || parameters === null ? undefined : declaredSize(parameters, spec);
  if (size === undefined && data === undefined) {
    throw badRequest(`input '${spec.name}' has no data, expected either data or the parameter binary_data_size`);
  }
  if (size !== undefined && data !== undefined) {
    throw badRequest(`input '${spec.name}' has both data and the parameter binary_data_size, expected one of them`);
  }
  return size;
}

function declaredSize(parameters: unknown, spec: TensorSpec): number | undefined {
  if (!isJsonObject(parameters)) {
    throw badRequest(`input '${spec.name}' has parameters ${described(parameters)}, expected an object`);
  }
  const size = parameters.binary_data_size;
  if (size === undefined) return undefined;
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
    throw badRequest(`input '${spec.name}' has binary_data_size ${described(size)}, expected a whole number of bytes`);
  }
  return size;
}

function isComplete(found: readonly (Tensor | undefined)[]): found is Tensor[] {
  return !found.includes(undefined);
}

function missingInput(found: readonly (Tensor | undefined)[], specs: readonly TensorSpec[]): ServiceError {
  const missing = specs.filter((_, i) => found[i] === undefined);
  const verb = missing.length === 1 ? 'is' : 'are';
  return badRequest(`input ${listedNames(missing)} ${verb} missing, the model takes ${listedNames(specs)}`);
}
