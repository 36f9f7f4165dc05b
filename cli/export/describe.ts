import type { ModelDescription } from '../../service/model/description';
import { elementJson } from '../../service/model/element-json';
import type { Feature, PredictionDescription } from '../../service/model/schema';
import { jsonData } from '../../service/protocol/json-text';
import { sliceRows, type Tensor, type TensorSignature } from '../../service/tensor';
import { featureColumns } from '../init/model-facts';

/** What the original says of itself. */
export interface ModelFacts {
  /** Names of its columns, in order. */
  readonly features: readonly string[] | undefined;
  /** Which of its columns were whole numbers as it was trained, in order. */
  readonly integers: readonly boolean[] | undefined;
  /** Its classes, in the order of its scores. */
  readonly labels: readonly string[] | undefined;
}

const MAX_NAME_LENGTH = 200;

/**
 * Features, prediction and example for the model.yaml of a model that takes rows of a table; undefined for all others,
 * which take tensors.
 * @param row inputs whose first row becomes the example
 */
export function describeTable(
  signature: TensorSignature,
  { features: names, integers, labels }: ModelFacts,
  row: readonly Tensor[],
): Pick<ModelDescription, 'features' | 'prediction' | 'example'> | undefined {
  const columns = featureColumns(signature);
  if (columns === undefined) return undefined;
  const usable = names !== undefined && names.length === columns.length && areNames(names) ? names : undefined;
  const features = columns.map(({ type, input }, i): Feature => {
    const name = input ?? usable?.[i] ?? numberedName(i);
    const isInteger = type === 'number' && integers?.length === columns.length && integers[i] === true;
    return { name, type: isInteger ? 'integer' : type, ...(input === undefined ? {} : { input }) };
  });
  const values = row.flatMap((tensor): unknown[] => {
    const { datatype, data } = sliceRows(tensor, 0, 1);
    return Array.from<number | bigint | string, unknown>(data, (element) => JSON.parse(elementJson(datatype)(element)));
  });
  const instance = Object.fromEntries(features.map(({ name, type }, i) => [name, exampleValue(type, values[i])]));
  const prediction = predictionOf(signature, labels);
  return { features, ...(prediction === undefined ? {} : { prediction }), example: { instances: [instance] } };
}

/** Random rows know nothing of whole numbers. */
function exampleValue(type: Feature['type'], value: unknown): unknown {
  return type === 'integer' && typeof value === 'number' ? Math.round(value) : value;
}

/** The request of a model that takes tensors, as the Open Inference Protocol has it: the first row of the inputs. */
export function exampleTensors({ inputs }: TensorSignature, row: readonly Tensor[]): string {
  const tensors = row.map((tensor, i) => {
    const { datatype, shape, data } = sliceRows(tensor, 0, 1);
    const name = inputs[i]?.name ?? '';
    const head = JSON.stringify({ name, datatype, shape });
    return `${head.slice(0, -1)},"data":${jsonData({ datatype, shape, data }, name)}}`;
  });
  return `{"inputs":[${tensors.join(',')}]}\n`;
}

/** Whether these are what {@link describeTable} calls columns that have no names. */
export function isNumbered(names: readonly string[]): boolean {
  return names.every((name, i) => name === numberedName(i));
}

function numberedName(index: number): string {
  return `feature${index + 1}`;
}

/** Whether features or labels may be called so. */
export function areNames(names: readonly string[]): boolean {
  const isName = (name: string) => name.length > 0 && name.length <= MAX_NAME_LENGTH;
  return names.every(isName) && new Set(names).size === names.length;
}

function predictionOf(
  { outputs }: TensorSignature,
  labels: readonly string[] | undefined,
): PredictionDescription | undefined {
  const numbers = outputs.filter(({ datatype }) => datatype === 'FP32' || datatype === 'FP64');
  const classes = labels !== undefined && areNames(labels) ? labels : undefined;
  const scores = numbers.find(({ shape }) => shape.length === 2 && shape[1] === classes?.length);
  if (scores !== undefined && classes !== undefined) {
    return { type: 'classification', output: scores.name, labels: [...classes] };
  }
  const [score] = numbers;
  const isNumber = numbers.length === 1 && (score?.shape.length === 1 || score?.shape[1] === 1);
  return score !== undefined && isNumber ? { type: 'score', output: score.name } : undefined;
}
