import { badRequest } from '../errors';
import { halfOf } from '../float16';
import { allocate, type DataType, type Tensor, type TensorData, type TensorSignature } from '../tensor';
import { Mismatches, type ModelDescription } from './description';
import { type Column, type InputPlan, planFeatures } from './feature-plan';
import { describeProblems, describeValue, isInstance } from './feature-problems';
import { type FeatureRule, numberOf, textOf } from './feature-values';

/** Turns the instances of a request into the rows of a model's inputs. */
export interface FeatureEncoder {
  /**
   * One row per instance, in their order; no rows for an empty list.
   * @param instances a list of objects, as parsed from JSON; null stands for a feature left out
   * @param firstIndex number of the first instance in messages @default 0
   * @returns in the order of the model's inputs
   * @throws ServiceError 400 naming every feature that is unknown, missing or of another type, with its instance
   */
  encode(instances: unknown, firstIndex?: number): Tensor[];
}

/** Elements of all inputs of one request; a body of a few bytes per instance must not claim memory without bound. */
const MAX_ELEMENTS = 4_000_000;

type Instance = Readonly<Record<string, unknown>>;

/**
 * Prepares the encoding of a model's features, undefined where its description has none.
 * @throws DocumentError where features and model inputs do not fit together
 */
export function compileFeatures(
  { features, source }: ModelDescription,
  signature: TensorSignature,
): FeatureEncoder | undefined {
  if (features === undefined) return undefined;
  const mismatches = new Mismatches(source);
  const inputs = planFeatures(features, signature, mismatches);
  mismatches.throwIfAny();
  const rules = inputs.flatMap(({ columns }) => columns.map(({ rule }) => rule));
  rules.sort((a, b) => features.indexOf(a.feature) - features.indexOf(b.feature));
  return new CompiledFeatures(inputs, rules);
}

class CompiledFeatures implements FeatureEncoder {
  readonly #inputs: readonly InputPlan[];
  readonly #rules: readonly FeatureRule[];
  readonly #maxInstances: number;

  constructor(inputs: readonly InputPlan[], rules: readonly FeatureRule[]) {
    this.#inputs = inputs;
    this.#rules = rules;
    this.#maxInstances = Math.floor(MAX_ELEMENTS / rules.length);
  }

  encode(instances: unknown, firstIndex = 0): Tensor[] {
    if (!Array.isArray(instances)) {
      throw badRequest(`instances is ${describeValue(instances)}, expected a list of objects with features`);
    }
    if (instances.length > this.#maxInstances) {
      throw badRequest(`found ${instances.length} instances, expected at most ${this.#maxInstances} in one request`);
    }
    if (!areInstances(instances)) throw this.#refusal(instances, firstIndex);
    const tensors: Tensor[] = [];
    let known = 0;
    for (const { datatype, rowShape, columns } of this.#inputs) {
      const data = allocate(datatype, instances.length * columns.length);
      known += fill(data, datatype, columns, instances);
      tensors.push({ datatype, shape: [instances.length, ...rowShape], data });
    }
    // NaN where a value did not fit; less than all keys where some are unknown.
    if (known !== countKeys(instances)) throw this.#refusal(instances, firstIndex);
    return tensors;
  }

  /** Looked for only after the fast path has failed, so that good requests pay nothing for good messages. */
  #refusal(instances: readonly unknown[], firstIndex: number): Error {
    return badRequest(`instances do not fit the model: ${describeProblems(this.#rules, instances, firstIndex)}`);
  }
}

function areInstances(values: readonly unknown[]): values is readonly Instance[] {
  for (const value of values) {
    if (!isInstance(value)) return false;
  }
  return true;
}

/** Writes all rows of one input; the number of features found, or NaN where one is missing or does not fit. */
function fill(
  data: TensorData,
  datatype: DataType,
  columns: readonly Column[],
  instances: readonly Instance[],
): number {
  if (Array.isArray(data)) return fillTexts(data, columns, instances);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return fillBigInts(data, columns, instances);
  return fillNumbers(data, columns, instances, datatype === 'FP16');
}

function fillNumbers(
  data: Exclude<TensorData, string[] | BigInt64Array | BigUint64Array>,
  columns: readonly Column[],
  instances: readonly Instance[],
  half: boolean,
): number {
  let found = 0;
  let at = 0;
  for (const instance of instances) {
    for (const { rule, absent } of columns) {
      const value = featureOf(instance, rule);
      let number: number;
      if (value === undefined || value === null) {
        if (rule.required || typeof absent !== 'number') return Number.NaN;
        if (value === null) found += 1;
        number = absent;
      } else {
        number = numberOf(rule, value);
        if (Number.isNaN(number)) return Number.NaN;
        found += 1;
      }
      data[at++] = half ? halfOf(number) : number;
    }
  }
  return found;
}

function fillBigInts(
  data: BigInt64Array | BigUint64Array,
  columns: readonly Column[],
  instances: readonly Instance[],
): number {
  const numbers = new Float64Array(data.length);
  const found = fillNumbers(numbers, columns, instances, false);
  if (Number.isNaN(found)) return found;
  for (const [index, number] of numbers.entries()) data[index] = BigInt(number);
  return found;
}

function fillTexts(data: string[], columns: readonly Column[], instances: readonly Instance[]): number {
  let found = 0;
  let at = 0;
  for (const instance of instances) {
    for (const { rule, absent } of columns) {
      const value = featureOf(instance, rule);
      if (value !== undefined) found += 1;
      // A required feature has no text to stand for it.
      const text = value === undefined || value === null ? absent : textOf(rule, value);
      if (typeof text !== 'string') return Number.NaN;
      data[at++] = text;
    }
  }
  return found;
}

/** A feature's own value; never what every object inherits. */
function featureOf(instance: Instance, { name, inherited }: FeatureRule): unknown {
  return inherited && !Object.hasOwn(instance, name) ? undefined : instance[name];
}

function countKeys(instances: readonly Instance[]): number {
  let count = 0;
  for (const instance of instances) {
    // Much faster than Object.keys; parsed JSON has no inherited keys.
    for (const _ in instance) count += 1;
  }
  return count;
}
