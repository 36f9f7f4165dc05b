import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import sharp from 'sharp';
import { isObject } from '../../lib/spec/describe';
import { ServiceError } from '../../service/errors';
import type { Compiled } from '../../service/repository/served-model';
import { concatRows, sliceRows, type Tensor, type TensorSignature } from '../../service/tensor';
import { columnsOf, type DataRow, readDataFile } from '../data/data-file';
import { inTurns } from '../data/in-turns';
import { tensorRows } from '../data/tensor-rows';
import { UsageError } from '../errors';
import { featureInstances, unusedColumns } from './feature-instances';
import { type MetricName, metricNamed } from './metrics';
import type { Target } from './target';

/** Rows that a model is judged by. */
export interface EvaluationSet {
  /** What it is, for a person. */
  readonly source: string;
  /** Requests of up to {@link REQUEST_ROWS} rows each, in order; of one where the model is not batched. */
  readonly requests: readonly (readonly Tensor[])[];
  /** One a row; undefined where only outputs can be compared. */
  readonly labels: readonly unknown[] | undefined;
  /** Which rows are ranked against each other; for metrics of rankings. */
  readonly groups: readonly unknown[] | undefined;
  /** Undefined: the one that suits the model. */
  readonly metric: MetricName | undefined;
  /** True for inputs that somebody or something really sent, as opposed to made-up ones. */
  readonly isReal: boolean;
  readonly warnings: readonly string[];
}

export interface EvaluationFlags {
  readonly data?: string | undefined;
  readonly label: string;
  readonly group?: string | undefined;
  readonly metric?: MetricName | undefined;
}

/** Rows of one run while outputs are compared. */
const REQUEST_ROWS = 64;
/** The sample that a model's recipe kept from training, beside its model.yaml. */
const HELD_OUT = 'heldout';

/** What an evaluation set is made for. */
export interface EvaluatedModel extends Compiled {
  readonly target: Target;
  readonly signature: TensorSignature;
  readonly isBatched: boolean;
  readonly signal: AbortSignal;
}

/**
 * The rows of `--data`, else the model's own held-out sample; undefined where there is neither.
 * @throws UsageError where columns or values do not fit the model
 * @throws the signal's reason when it is aborted
 */
export async function loadEvaluationSet(
  flags: EvaluationFlags,
  model: EvaluatedModel,
): Promise<EvaluationSet | undefined> {
  if (flags.data !== undefined) return fromDataFile(flags.data, flags, model);
  const directory = model.target.place?.modelDirectory;
  if (directory === undefined || !existsSync(join(directory, `${HELD_OUT}.json`))) return undefined;
  return heldOut(directory, flags, model);
}

async function fromDataFile(file: string, flags: EvaluationFlags, model: EvaluatedModel): Promise<EvaluationSet> {
  const rows = await readDataFile(file, '--data', model.signal);
  const columns = columnsOf(rows);
  const { label, group } = flags;
  const hasLabels = columns.includes(label);
  if (flags.metric !== undefined && !hasLabels) {
    throw new UsageError(`--metric needs labels, but ${file} has no column '${label}', only: ${columns.join(', ')}`);
  }
  if (group !== undefined && !columns.includes(group)) {
    throw new UsageError(`--group is '${group}', expected a column of ${file}: ${columns.join(', ')}`);
  }
  if (hasLabels) {
    const unlabelled = rows.findIndex((row) => row[label] === undefined || row[label] === null);
    if (unlabelled >= 0) throw new UsageError(`${file}: row ${unlabelled + 1} has no '${label}'`);
  }
  const own = [label, ...(group === undefined ? [] : [group])];
  const inputs = await inputsOf(rows, { file, columns: columns.filter((column) => !own.includes(column)) }, model);
  return {
    source: basename(file),
    requests: inputs.requests,
    labels: hasLabels ? rows.map((row) => row[label]) : undefined,
    groups: group === undefined ? undefined : rows.map((row) => row[group]),
    metric: flags.metric,
    isReal: true,
    warnings: [
      ...inputs.warnings,
      ...(hasLabels ? [] : [`${basename(file)} has no column '${label}': outputs are compared with the original's`]),
    ],
  };
}

interface Encoded {
  readonly requests: readonly (readonly Tensor[])[];
  readonly warnings: readonly string[];
}

interface Table {
  readonly file: string;
  /** Those that are neither label nor group. */
  readonly columns: readonly string[];
}

async function inputsOf(rows: readonly DataRow[], table: Table, model: EvaluatedModel): Promise<Encoded> {
  const { features, image, target, signature, signal } = model;
  if (features !== undefined) {
    const known = target.description?.features ?? [];
    const unused = unusedColumns(table, known);
    const requests = await inTurns(rows, signal, (part, start) =>
      requestsOf(encode(features, featureInstances(part, known), { file: table.file, start }), model.isBatched),
    );
    const warnings = unused.length === 0 ? [] : [`columns that the model does not take: ${unused.join(', ')}`];
    return { requests, warnings };
  }
  if (image !== undefined) {
    const images = rows.map((row, i) => {
      if (typeof row.image === 'string') return readFileSync(imagePath(table.file, row.image, i));
      throw new UsageError(`${table.file}: row ${i + 1} has no 'image', expected the path of a PNG or JPEG file`);
    });
    return { requests: await decodedImages(images, model), warnings: [] };
  }
  const tensors = await inTurns(rows, signal, (part, start) => tensorRows(part, { ...table, start }, signature));
  return { requests: joinedRows(tensors, model.isBatched), warnings: [] };
}

/** Rows of a file, from an index on. */
interface Part {
  readonly file: string;
  readonly start: number;
}

function encode(
  features: NonNullable<Compiled['features']>,
  instances: readonly unknown[],
  { file, start }: Part,
): Tensor[] {
  try {
    return features.encode(instances, start);
  } catch (error) {
    if (error instanceof ServiceError) throw new UsageError(`${file}: ${error.message}`);
    throw error;
  }
}

function imagePath(file: string, path: string, index: number): string {
  const found = join(dirname(file), path);
  if (existsSync(found)) return found;
  throw new UsageError(`${file}: the image '${path}' of row ${index + 1} does not exist`);
}

async function decodedImages(images: readonly Buffer[], { image, isBatched, signal }: EvaluatedModel) {
  const rows: (readonly Tensor[])[] = [];
  for (const body of images) {
    signal.throwIfAborted();
    const decoded = await image?.decode(body);
    if (decoded !== undefined) rows.push(decoded);
  }
  return joinedRows(rows, isBatched);
}

/** Rows of a table cut into requests. */
function requestsOf(tensors: readonly Tensor[], isBatched: boolean): Tensor[][] {
  const rows = tensors[0]?.shape[0] ?? 0;
  const step = isBatched ? REQUEST_ROWS : 1;
  return Array.from({ length: Math.ceil(rows / step) }, (_, i) =>
    tensors.map((tensor) => sliceRows(tensor, i * step, Math.min(rows, (i + 1) * step))),
  );
}

/** Requests of rows: neighbours of equal shapes share one, each has its own where the model is not batched. */
export function joinedRows(rows: readonly (readonly Tensor[])[], isBatched: boolean): (readonly Tensor[])[] {
  if (!isBatched) return [...rows];
  const requests: (readonly Tensor[])[][] = [];
  for (const row of rows) {
    const open = requests.at(-1);
    const first = open?.[0];
    const fits =
      open !== undefined && open.length < REQUEST_ROWS && first?.every((tensor, i) => isAlike(tensor, row[i]));
    if (fits) open.push(row);
    else requests.push([row]);
  }
  return requests.map((request) => (request[0] ?? []).map((_, i) => concatRows(request.map((row) => at(row, i)))));
}

function isAlike(tensor: Tensor, other: Tensor | undefined): boolean {
  return other !== undefined && tensor.shape.join() === other.shape.join();
}

function at(row: readonly Tensor[], index: number): Tensor {
  const tensor = row[index];
  if (tensor === undefined) throw new RangeError(`a row has no input ${index}`);
  return tensor;
}

/** `heldout.json` of a bundled model: rows of features, or labels of the pictures stacked in `heldout.png`. */
async function heldOut(directory: string, flags: EvaluationFlags, model: EvaluatedModel): Promise<EvaluationSet> {
  const file = join(directory, `${HELD_OUT}.json`);
  const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (!isObject(content) || !Array.isArray(content.labels)) throw new UsageError(`${file} has no list of labels`);
  const { labels, rows, groups, metric } = content;
  return {
    source: `${model.target.name}/${HELD_OUT}.json`,
    requests:
      Array.isArray(rows) && model.features !== undefined
        ? requestsOf(encode(model.features, rows, { file, start: 0 }), model.isBatched)
        : await decodedImages(await stackedImages(join(directory, `${HELD_OUT}.png`), labels.length, model), model),
    labels,
    groups: Array.isArray(groups) ? groups : undefined,
    metric: flags.metric ?? metricNamed(metric),
    isReal: true,
    warnings: [],
  };
}

/** Pictures of equal size that lie below one another in one file. */
async function stackedImages(file: string, count: number, { signal }: EvaluatedModel): Promise<Buffer[]> {
  const strip = sharp(file);
  const { width, height } = await strip.metadata();
  const each = height / count;
  const images: Buffer[] = [];
  for (let i = 0; i < count; i += 1) {
    signal.throwIfAborted();
    images.push(
      await strip
        .clone()
        .extract({ left: 0, top: i * each, width, height: each })
        .png()
        .toBuffer(),
    );
  }
  return images;
}
