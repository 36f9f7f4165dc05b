import type { DataType } from '../tensor';
import type { Feature } from './schema';

/** Which values a feature takes, prepared for checking many. */
export interface FeatureRule {
  readonly feature: Feature;
  readonly name: string;
  readonly type: Feature['type'];
  /** Bounds of numbers and integers, with those of the datatype that holds them. */
  readonly minimum: number;
  readonly maximum: number;
  /** Position of each category. */
  readonly categories: ReadonlyMap<string, number>;
  /** False where the feature may be left out. */
  readonly required: boolean;
  /** True for a name such as `constructor`, which every object seems to have unless its own properties are asked. */
  readonly inherited: boolean;
}

/** Largest finite values; integers of 64 bits are bounded by what JSON carries exactly. */
const RANGES: Readonly<Partial<Record<DataType, readonly [minimum: number, maximum: number]>>> = {
  UINT8: [0, 0xff],
  UINT16: [0, 0xffff],
  UINT32: [0, 0xffffffff],
  UINT64: [0, Number.MAX_SAFE_INTEGER],
  INT8: [-0x80, 0x7f],
  INT16: [-0x8000, 0x7fff],
  INT32: [-0x80000000, 0x7fffffff],
  FP16: [-65504, 65504],
  FP32: [-3.4028234663852886e38, 3.4028234663852886e38],
};

/** @param datatype of the tensor that will hold the values, where it is known */
export function ruleOf(feature: Feature, datatype: DataType = 'FP64'): FeatureRule {
  const limit = feature.type === 'integer' ? Number.MAX_SAFE_INTEGER : Number.MAX_VALUE;
  const [least, most] = RANGES[datatype] ?? [-limit, limit];
  const bounds: { minimum?: number; maximum?: number } = isNumeric(feature) ? feature : {};
  return {
    feature,
    name: feature.name,
    type: feature.type,
    minimum: Math.max(bounds.minimum ?? -limit, least, -limit),
    maximum: Math.min(bounds.maximum ?? limit, most, limit),
    categories: new Map(feature.type === 'category' ? feature.categories.map((name, index) => [name, index]) : []),
    required: feature.optional !== true && feature.default === undefined,
    inherited: feature.name in Object.prototype,
  };
}

/** The number that stands for a value in a numeric tensor, or NaN where the value does not fit the feature. */
export function numberOf(rule: FeatureRule, value: unknown): number {
  switch (rule.type) {
    case 'number':
      return typeof value === 'number' && value >= rule.minimum && value <= rule.maximum ? value : Number.NaN;
    case 'integer':
      return typeof value === 'number' && value >= rule.minimum && value <= rule.maximum && Number.isInteger(value)
        ? value
        : Number.NaN;
    case 'boolean':
      return value === true ? 1 : value === false ? 0 : Number.NaN;
    case 'category':
      return typeof value === 'string' ? (rule.categories.get(value) ?? Number.NaN) : Number.NaN;
    case 'text':
      return Number.NaN;
  }
}

/** The string that stands for a value in a BYTES tensor, or undefined where the value does not fit the feature. */
export function textOf(rule: FeatureRule, value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (rule.type === 'category') return rule.categories.has(value) ? value : undefined;
  return rule.type === 'text' && isPlainText(value) ? value : undefined;
}

/** True for a value that the feature takes. */
export function fits(rule: FeatureRule, value: unknown): boolean {
  return rule.type === 'text' ? textOf(rule, value) !== undefined : !Number.isNaN(numberOf(rule, value));
}

export function isNumeric(feature: Feature): feature is Extract<Feature, { type: 'number' | 'integer' }> {
  return feature.type === 'number' || feature.type === 'integer';
}

/** ONNX Runtime cuts strings at NUL and replaces lone surrogates: what it would change is refused. */
function isPlainText(text: string): boolean {
  return !text.includes('\0') && !/\p{Surrogate}/u.test(text);
}
