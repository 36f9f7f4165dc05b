import { batchDimension } from '../../service/runtime/batch-dimension';
import type { TensorSignature, TensorSpec } from '../../service/tensor';

/** What an ONNX file says of itself, one line a tensor, for the comments of the files that `init` writes. */
export function describeSignature(signature: TensorSignature): string[] {
  const tensors = [
    ...signature.inputs.map((spec) => ['input', spec] as const),
    ...signature.outputs.map((spec) => ['output', spec] as const),
  ];
  const width = Math.max(0, ...tensors.map(([, { name }]) => printable(name).length));
  return tensors.map(([kind, { name, datatype, shape }]) => {
    return `  ${kind.padEnd(6)}  ${printable(name).padEnd(width)}  ${datatype} [${shape.map(describeSize).join(', ')}]`;
  });
}

/** The runtime numbers dimensions without a name, `?1`, so that none is taken for equal to another. */
function describeSize(size: number | string): string {
  if (typeof size === 'number') return String(size);
  return size.startsWith('?') ? '?' : printable(size);
}

/** Whether rows of different requests may share a run, and why or why not. */
export function describeBatching(signature: TensorSignature): string {
  const batch = batchDimension(signature);
  if ('reason' in batch) return `one request at a time: ${oneLine(batch.reason)}`;
  return `${printable(batch.name)} is any number of rows, so requests that wait may share one run`;
}

/** Height, width, channels and their order of an input that takes images, or undefined where none looks like one. */
export interface ImageInput {
  readonly input: string;
  readonly layout: 'NCHW' | 'NHWC';
  readonly channels: 1 | 3;
  readonly height: number;
  readonly width: number;
}

/** The one input of a model, if its shape is that of images of a fixed size. */
export function imageInput({ inputs }: TensorSignature): ImageInput | undefined {
  const [only, ...others] = inputs;
  if (only === undefined || others.length > 0 || only.shape.length !== 4) return undefined;
  const [, a, b, c] = only.shape;
  if (typeof a !== 'number' || typeof b !== 'number' || typeof c !== 'number') return undefined;
  if (isChannels(a)) return { input: only.name, layout: 'NCHW', channels: a, height: b, width: c };
  if (isChannels(c)) return { input: only.name, layout: 'NHWC', channels: c, height: a, width: b };
  return undefined;
}

/** The columns of a model that takes rows of features, or undefined where its inputs are of another kind. */
export interface Column {
  readonly type: 'number' | 'integer' | 'boolean' | 'text';
  /** The input that the column feeds, where the model has several. */
  readonly input: string | undefined;
}

/** One column for each feature of an instance: those of a table, or one for each of several inputs. */
export function featureColumns({ inputs }: TensorSignature): Column[] | undefined {
  const widths = inputs.map(columnCount);
  const [first] = inputs;
  const [width] = widths;
  if (first === undefined || width === undefined) return undefined;
  if (inputs.length === 1) return Array.from({ length: width }, () => ({ type: columnType(first), input: undefined }));
  if (!widths.every((count) => count === 1)) return undefined;
  return inputs.map((spec) => ({ type: columnType(spec), input: spec.name }));
}

/** The name as it is, or quoted where it holds anything that could end a comment or confuse a reader. */
export function printable(name: string): string {
  return /^[\w.:/-]+$/.test(name) ? name : JSON.stringify(name);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}

function isChannels(size: number): size is 1 | 3 {
  return size === 1 || size === 3;
}

function columnCount({ shape }: TensorSpec): number | undefined {
  const [, columns = 1, ...rest] = shape;
  return shape.length > 0 && rest.length === 0 && typeof columns === 'number' && columns > 0 ? columns : undefined;
}

function columnType({ datatype }: TensorSpec): Column['type'] {
  if (datatype === 'BYTES') return 'text';
  if (datatype === 'BOOL') return 'boolean';
  return datatype.startsWith('FP') ? 'number' : 'integer';
}
