import { ok } from 'node:assert';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { isObject } from '../../../lib/spec/describe';
import { post } from '../../support/requests';
import { startService } from '../../support/service-process';

/** As `headroom export` itself allows: absolute up to 1, relative above. */
const TOLERANCE = 1e-4;

type Value = number | string | boolean;

/** A tensor of the Open Inference Protocol. */
interface Tensor {
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data: readonly Value[];
}

/** A command that a user types, and what the original model answers to rows that are real. */
export interface Case {
  readonly title: string;
  readonly command: string;
  /** Its folder below models/. */
  readonly model: string;
  readonly questions: readonly {
    readonly inputs: readonly (Tensor & { readonly name: string })[];
    /** In the order of the model's outputs. */
    readonly outputs: readonly Tensor[];
  }[];
  /** Inputs by name that have to have become the example of the model; null where it is a random one. */
  readonly example: Readonly<Record<string, Tensor>> | null;
}

/**
 * Serves the newest version of a model and holds its answers against those of the original.
 * @returns what was found, for people
 * @throws Error saying what differs
 */
export async function checkServed(folder: string, { model, questions, example }: Case): Promise<string> {
  const service = await startService(['--models', join(folder, 'models')]);
  try {
    let [rows, largest] = [0, 0];
    for (const { inputs, outputs } of questions) {
      const answer = await post(`${service.url}/v2/models/${model}/infer`, { inputs });
      ok(answer.status === 200, `the service answers ${answer.status}: ${answer.text.slice(0, 300)}`);
      largest = Math.max(largest, differenceOf(outputs, outputsOf(answer.json)));
      rows += inputs[0]?.shape[0] ?? 0;
    }
    await checkExample(service.url, join(folder, 'models', model), example);
    return `${rows} real rows, largest difference ${largest.toPrecision(2)}`;
  } finally {
    await service.stop();
  }
}

function outputsOf(answer: unknown): Tensor[] {
  const outputs: unknown = isObject(answer) ? answer.outputs : undefined;
  ok(Array.isArray(outputs), 'the answer has no outputs');
  return outputs;
}

function differenceOf(expected: readonly Tensor[], found: readonly Tensor[]): number {
  ok(expected.length === found.length, `${found.length} outputs, expected ${expected.length}`);
  let largest = 0;
  for (const [i, { shape, data, datatype }] of expected.entries()) {
    const other = found[i];
    ok(String(other?.shape) === String(shape), `output ${i} is [${other?.shape}], expected [${shape}]`);
    for (const [j, value] of data.entries()) {
      const difference = differenceBetween(value, other?.data[j], datatype);
      ok(difference <= TOLERANCE, `output ${i}: element ${j} is ${other?.data[j]}, expected ${value}`);
      largest = Math.max(largest, difference);
    }
  }
  return largest;
}

function differenceBetween(expected: Value, found: Value | undefined, datatype: string): number {
  if (!datatype.startsWith('FP')) return String(expected) === String(found) ? 0 : Number.POSITIVE_INFINITY;
  const difference = Math.abs(Number(found) - Number(expected)) / Math.max(1, Math.abs(Number(expected)));
  return Number.isFinite(difference) ? difference : Number.POSITIVE_INFINITY;
}

/** The example that a model was given has to be good, and to be the user's own where she gave one. */
async function checkExample(url: string, directory: string, wanted: Case['example']): Promise<void> {
  const name = directory.slice(directory.lastIndexOf('/') + 1);
  const { example } = parse(readFileSync(join(directory, 'model.yaml'), 'utf8'));
  const isTable = isObject(example);
  const body: unknown = isTable ? example : JSON.parse(readFileSync(join(directory, 'example.json'), 'utf8'));
  const path = isTable ? `/v1/models/${name}:predict` : `/v2/models/${name}/infer`;
  const { status, text } = await post(`${url}${path}`, body);
  ok(status === 200, `to its own example the service answers ${status}: ${text.slice(0, 300)}`);
  if (wanted === null) return;
  const values = isTable ? valuesOfInstance(body) : valuesOfTensors(body);
  const expected = Object.values(wanted).flatMap(({ data }) => [...data]);
  const same = expected.every(
    (value, i) => differenceBetween(value, values[i], typeof value === 'number' ? 'FP' : '') <= TOLERANCE,
  );
  ok(same && values.length === expected.length, `the example is ${values}, expected the first row, ${expected}`);
}

function valuesOfInstance(body: unknown): Value[] {
  const [instance] = isObject(body) && Array.isArray(body.instances) ? body.instances : [];
  return Object.values(isObject(instance) ? instance : {}).map((value) =>
    typeof value === 'number' ? value : String(value),
  );
}

function valuesOfTensors(body: unknown): Value[] {
  const inputs: unknown[] = isObject(body) && Array.isArray(body.inputs) ? body.inputs : [];
  return inputs.flatMap((input) => (isObject(input) && Array.isArray(input.data) ? input.data.map(Number) : []));
}
