import { didYouMean } from '../../lib/spec/closest';
import type { DataType, TensorSignature, TensorSpec } from '../tensor';
import { describeShape } from './describe-shape';
import type { Mismatches } from './description';
import { describeRule, describeValue } from './feature-problems';
import { type FeatureRule, fits, numberOf, ruleOf } from './feature-values';
import type { Feature } from './schema';

const FLOATS: readonly DataType[] = ['FP16', 'FP32', 'FP64'];

/** One model input and the features it is made of. */
export interface InputPlan {
  readonly datatype: DataType;
  /** Shape of one row: [] or [number of columns]. */
  readonly rowShape: readonly number[];
  readonly columns: readonly Column[];
}

/** One feature as a column of an input. */
export interface Column {
  readonly rule: FeatureRule;
  /** What stands for a feature that is left out; NaN for a required one. */
  readonly absent: number | string;
}

interface Placed {
  /** Position in the description. */
  readonly index: number;
  readonly feature: Feature;
}

/**
 * Assigns every feature to a column of a model input: the one it names, else the one input that no feature names.
 * What does not fit is added to `mismatches`; then the result is of no use.
 */
export function planFeatures(
  features: readonly Feature[],
  signature: TensorSignature,
  mismatches: Mismatches,
): InputPlan[] {
  const groups = groupByInput(features, signature, mismatches);
  return signature.inputs.map((input) => planInput(input, groups.get(input.name) ?? [], mismatches));
}

function groupByInput(
  features: readonly Feature[],
  signature: TensorSignature,
  mismatches: Mismatches,
): Map<string, Placed[]> {
  const names = signature.inputs.map(({ name }) => name);
  const claimed = new Set(features.map(({ input }) => input));
  const unclaimed = names.filter((name) => !claimed.has(name));
  const [shared] = unclaimed;
  const groups = new Map<string, Placed[]>(names.map((name) => [name, []]));
  const unplaced: number[] = [];
  for (const [index, feature] of features.entries()) {
    const group = groups.get(feature.input ?? shared ?? '');
    if (group !== undefined) group.push({ index, feature });
    else if (feature.input === undefined) unplaced.push(index);
    else {
      const expected = `an input of the model: ${names.join(', ')}${didYouMean(feature.input, names)}`;
      mismatches.add(['features', index, 'input'], `found '${feature.input}', expected ${expected}`);
    }
  }
  const [first] = unplaced;
  if (first !== undefined) {
    mismatches.add(['features', first], 'needs an input, since other features name all inputs of the model');
  }
  if (unclaimed.length > 1 && features.some(({ input }) => input === undefined)) {
    const message = `must name their inputs, since the model has several: ${unclaimed.join(', ')}`;
    mismatches.add(['features'], message);
    return groups;
  }
  for (const name of unclaimed) {
    if (groups.get(name)?.length !== 0) continue;
    mismatches.add(['features'], `leaves the model's input '${name}' without values`);
  }
  return groups;
}

function planInput(
  { name, datatype, shape }: TensorSpec,
  placed: readonly Placed[],
  mismatches: Mismatches,
): InputPlan {
  const columns = placed.map((one) => planColumn(one, name, datatype, mismatches));
  const width = shape.length === 1 ? 1 : shape[1];
  const printed = describeShape(shape);
  const at = ['features', ...(placed.length === 1 && placed[0] ? [placed[0].index] : [])];
  if (shape.length !== 1 && shape.length !== 2) {
    mismatches.add(at, `feed input '${name}' of shape ${printed}, expected rows of single values: [N] or [N, columns]`);
  } else if (typeof width === 'number' && placed.length > 0 && width !== columns.length) {
    mismatches.add(at, `give ${columns.length} columns, but input '${name}' has shape ${printed}`);
  }
  return { datatype, rowShape: shape.length === 1 ? [] : [columns.length], columns };
}

function planColumn({ index, feature }: Placed, input: string, datatype: DataType, mismatches: Mismatches): Column {
  const rule = ruleOf(feature, datatype);
  const unfit = reasonUnfit(rule, datatype);
  if (unfit !== undefined) {
    mismatches.add(['features', index, 'type'], `found ${feature.type}, but input '${input}' is ${datatype}, ${unfit}`);
    return { rule, absent: Number.NaN };
  }
  if (feature.default !== undefined) {
    if (!fits(rule, feature.default)) {
      const found = describeValue(feature.default);
      mismatches.add(['features', index, 'default'], `found ${found}, expected ${describeRule(rule, feature.default)}`);
    }
    return { rule, absent: datatype === 'BYTES' ? String(feature.default) : numberOf(rule, feature.default) };
  }
  if (!rule.required && !FLOATS.includes(datatype)) {
    const message = `needs a default to be optional, since input '${input}' is ${datatype}, which has no NaN`;
    mismatches.add(['features', index, 'optional'], message);
  }
  return { rule, absent: Number.NaN };
}

/** Why a feature cannot be held by a datatype, or undefined where it can. */
function reasonUnfit({ type, categories, maximum }: FeatureRule, datatype: DataType): string | undefined {
  if (datatype !== 'BYTES' && categories.size - 1 > maximum) return `too narrow for ${categories.size} categories`;
  switch (datatype) {
    case 'FP16':
    case 'FP32':
    case 'FP64':
      return type === 'text' ? 'which takes no text' : undefined;
    case 'BYTES':
      return type === 'text' || type === 'category' ? undefined : 'which takes text or category';
    case 'BOOL':
      return type === 'boolean' ? undefined : 'which takes boolean';
    default:
      return type === 'text' || type === 'number' ? 'which takes integer, boolean or category' : undefined;
  }
}
