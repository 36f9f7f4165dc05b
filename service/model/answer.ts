import { didYouMean } from '../../lib/spec/closest';
import { answerMismatch } from '../errors';
import type { DataType, Tensor, TensorSignature, TensorSpec } from '../tensor';
import { describeShape } from './describe-shape';
import { Mismatches, type ModelDescription } from './description';
import { elementJson } from './element-json';
import type { PredictionDescription } from './schema';
import { selectTop } from './top';

/** Turns a model's outputs into predictions that people read. */
export interface AnswerFormatter {
  /** Positions, in the model's outputs, of those that are needed, in the order in which `format` takes them. */
  readonly outputs: readonly number[];
  /**
   * JSON text of the prediction of one row.
   * @param outputs the tensors that `outputs` names, with rows in their first dimension
   * @throws ServiceError 500 where an output turns out to have another number of values than model.yaml says
   */
  format(outputs: readonly Tensor[], row: number): string;
}

type Labelled = Extract<PredictionDescription, { readonly labels: readonly string[] }>;

/** How many labels are answered where model.yaml does not say. */
const DEFAULT_TOP = 5;

/** Datatypes whose elements compare as they are. */
const COMPARABLE: readonly DataType[] = ['FP32', 'FP64', 'INT8', 'INT16', 'INT32', 'UINT8', 'UINT16', 'UINT32'];

/**
 * Prepares the answers of a model: as its description's `prediction` says, else all outputs by name. Undefined where
 * the description says nothing of what a request brings.
 * @throws DocumentError where the description does not fit the model's outputs
 */
export function compileAnswer(
  { features, image, prediction, source }: ModelDescription,
  signature: TensorSignature,
): AnswerFormatter | undefined {
  if (features === undefined && image === undefined) return undefined;
  if (prediction === undefined) return rawAnswer(signature.outputs);
  const mismatches = new Mismatches(source);
  const index = signature.outputs.findIndex(({ name }) => name === prediction.output);
  const output = signature.outputs[index];
  if (output === undefined) {
    const names = signature.outputs.map(({ name }) => name);
    const expected = `an output of the model: ${names.join(', ')}${didYouMean(prediction.output, names)}`;
    mismatches.add(['prediction', 'output'], `found '${prediction.output}', expected ${expected}`);
    throw mismatches.toError();
  }
  if (prediction.type === 'score') checkScore(output, mismatches);
  else checkLabels(prediction, output, mismatches);
  mismatches.throwIfAny();
  return prediction.type === 'score' ? scoreAnswer(index, output) : labelAnswer(index, output, prediction);
}

function checkScore({ name, datatype, shape }: TensorSpec, mismatches: Mismatches): void {
  if (datatype === 'BYTES' || datatype === 'BOOL') {
    mismatches.add(['prediction', 'output'], `found '${name}' of ${datatype}, expected an output of numbers`);
  }
  const [, width = 1] = shape;
  if (shape.length > 2 || (typeof width === 'number' && width !== 1)) {
    const message = `found '${name}' of shape ${describeShape(shape)}, expected one number per row: [N] or [N, 1]`;
    mismatches.add(['prediction', 'output'], message);
  }
}

function checkLabels({ labels }: Labelled, { name, datatype, shape }: TensorSpec, mismatches: Mismatches): void {
  if (!COMPARABLE.includes(datatype)) {
    const message = `found '${name}' of ${datatype}, expected an output of ${COMPARABLE.join(', ')}`;
    mismatches.add(['prediction', 'output'], message);
  }
  // No dimensions: the model leaves them open, so that each answer is checked.
  if (shape.length === 0) return;
  const width = shape[1];
  if (shape.length !== 2 || width === undefined) {
    const message = `found '${name}' of shape ${describeShape(shape)}, expected [N, ${labels.length}]`;
    mismatches.add(['prediction', 'output'], message);
  } else if (typeof width === 'number' && width !== labels.length) {
    mismatches.add(['prediction', 'labels'], `found ${labels.length}, expected ${width} for output '${name}'`);
  }
}

/** `{"score":2.31}` */
function scoreAnswer(index: number, { datatype }: TensorSpec): AnswerFormatter {
  const toJson = elementJson(datatype);
  return { outputs: [index], format: ([tensor], row) => `{"score":${toJson(tensor?.data[row])}}` };
}

/**
 * Classification: `{"label":"bad","score":0.83,"scores":[{"label":"bad","score":0.83},…]}`; recommendation:
 * `{"items":[{"item":"whole milk","score":0.41},…]}`; best first.
 */
function labelAnswer(index: number, { name, datatype }: TensorSpec, { type, labels, top }: Labelled): AnswerFormatter {
  const toJson = elementJson(datatype);
  const classifies = type === 'classification';
  const key = classifies ? 'label' : 'item';
  // Escaped once; only the score is left to write.
  const openings = labels.map((label) => `"${key}":${JSON.stringify(label)},"score":`);
  const best = new Int32Array(Math.min(top ?? DEFAULT_TOP, labels.length));
  return {
    outputs: [index],
    format([tensor], row) {
      const width = tensor?.shape[1] ?? 0;
      if (tensor === undefined || width !== labels.length) throw answerMismatch(name, width, labels.length);
      const offset = row * width;
      const count = selectTop(tensor.data, offset, width, best);
      let entries = '';
      let first = '';
      for (let rank = 0; rank < count; rank++) {
        const position = best[rank] ?? 0;
        const entry = `${openings[position]}${toJson(tensor.data[offset + position])}`;
        if (rank === 0) first = entry;
        entries += rank === 0 ? `{${entry}}` : `,{${entry}}`;
      }
      return classifies ? `{${first},"scores":[${entries}]}` : `{"items":[${entries}]}`;
    },
  };
}

/** `{"outputs":{"y":[1,2]}}`: every output's row, nested as its shape is; a scalar output as it is. */
function rawAnswer(specs: readonly TensorSpec[]): AnswerFormatter {
  const openings = specs.map(({ name }) => `${JSON.stringify(name)}:`);
  const writers = specs.map(({ datatype }) => elementJson(datatype));
  return {
    outputs: specs.map((_, index) => index),
    format(outputs, row) {
      const members = outputs.map(({ shape, data }, index) => {
        const toJson = writers[index] ?? String;
        const [rows = 1, ...rowShape] = shape;
        const width = data.length / rows;
        const elements = Array.from({ length: width }, (_, i) =>
          toJson(data[(shape.length === 0 ? 0 : row) * width + i]),
        );
        return `${openings[index]}${nest(elements, rowShape)}`;
      });
      return `{"outputs":{${members.join(',')}}}`;
    },
  };
}

/** JSON of elements in row-major order as lists in lists. */
function nest(elements: readonly string[], shape: readonly number[]): string {
  let level = elements;
  for (const size of [...shape].reverse()) {
    const groups = size === 0 ? 0 : level.length / size;
    level = Array.from({ length: groups }, (_, i) => `[${level.slice(i * size, (i + 1) * size).join(',')}]`);
  }
  return level[0] ?? '[]';
}
