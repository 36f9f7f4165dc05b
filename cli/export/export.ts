import { basename, extname, join, resolve } from 'node:path';
import { messageOf } from '../../lib/spec/message-of';
import { batchDimension } from '../../service/runtime/batch-dimension';
import { CandidateProcess } from '../../service/runtime/candidate/candidate';
import type { Tensor, TensorSignature, TensorSpec } from '../../service/tensor';
import { UsageError } from '../errors';
import { nameFrom } from '../init/layout';
import { readKnownDescription } from '../model-folder/known-description';
import { readTensors, storeTensor } from '../python/tensor-file';
import { quoted } from '../spec-command';
import { Comparison, type OutputComparison } from './comparison';
import { type Answered, answer, ConversionFailed, type Converted, type Converter, convert } from './converter';
import { disagreementOf } from './disagreement';
import { givenRows } from './given-rows';
import type { InputSpec } from './input-spec';
import { placeExport } from './place-export';

export interface ExportRequest {
  /** A saved model, or `script.py:function`. */
  readonly source: string;
  /** @default from the source's name */
  readonly name: string | undefined;
  /** Folder of models. */
  readonly repository: string;
  readonly opset: number;
  readonly inputs: readonly InputSpec[];
  readonly outputs: readonly string[];
  /** Table of rows to check with, beside random ones. */
  readonly data: string | undefined;
  readonly tolerance: number;
}

export interface ExportReport {
  readonly model: string;
  readonly source: string;
  readonly framework: string | undefined;
  readonly kind: string | undefined;
  readonly tools: Readonly<Record<string, string>>;
  readonly opset: number;
  readonly signature: TensorSignature | undefined;
  readonly check:
    | {
        readonly givenRows: number;
        readonly randomRows: number;
        readonly tiedRows: number;
        readonly tolerance: number;
        readonly outputs: readonly OutputComparison[];
      }
    | undefined;
  /** Why nothing was written; undefined where the export was accepted. */
  readonly refused: string | undefined;
  readonly version: number | undefined;
  readonly written: readonly string[];
  /** What a person might miss among them, and why it is not there; or has to check by themselves. */
  readonly note: string | undefined;
  /** Command that serves what was written. */
  readonly next: string | undefined;
}

/** What the work needs of its surroundings. */
export interface Exporter extends Converter {
  /** The bundled process that runs a model. */
  readonly candidatePath: string;
  now(): Date;
}

/** One row alone, two, and enough to reach most leaves: an export that only works at one size fails at another. */
const RANDOM_BATCHES = [1, 2, 253] as const;
const SEED = 1;

/**
 * Exports a model to ONNX, holds the export against the original on the runtime that will serve it, and puts it into the
 * model repository where they agree.
 *
 * @throws UsageError for what the user has to mend; nothing was written then
 */
export async function exportModel(request: ExportRequest, exporter: Exporter): Promise<ExportReport> {
  const name = nameOf(request);
  const modelPath = join(exporter.folder, 'model.onnx');
  const { source, opset, inputs, outputs } = request;
  const report: ExportReport = {
    ...{ model: name, source, framework: undefined, kind: undefined, tools: {}, opset, signature: undefined },
    ...{ check: undefined, refused: undefined, version: undefined, written: [], note: undefined, next: undefined },
  };
  let converted: Converted;
  try {
    converted = await convert(exporter, { source, opset, inputs, outputs, output: modelPath });
  } catch (error) {
    if (error instanceof ConversionFailed) return { ...report, refused: error.message };
    throw error;
  }
  const process = new CandidateProcess(exporter.candidatePath, exporter.signal);
  try {
    return await checkAndPlace(request, exporter, { report, converted, modelPath, process });
  } finally {
    process.close();
  }
}

interface Export {
  readonly report: ExportReport;
  readonly converted: Converted;
  readonly modelPath: string;
  readonly process: CandidateProcess;
}

async function checkAndPlace(
  request: ExportRequest,
  exporter: Exporter,
  { report, converted, modelPath, process }: Export,
): Promise<ExportReport> {
  const { framework, kind, tools } = converted;
  const opened = await open(process, modelPath, exporter.signal);
  if ('reason' in opened) return { ...report, framework, kind, tools, refused: opened.reason };
  const { signature } = opened;
  const made = { ...report, framework, kind, tools, signature };
  const batch = batchDimension(signature);
  if ('reason' in batch) return { ...made, refused: `rows cannot be batched: ${batch.reason}` };
  const directory = resolve(request.repository, report.model);
  const known = readKnownDescription(directory);
  const disagreement = known && disagreementOf(known, converted, signature);
  if (disagreement !== undefined) return { ...made, refused: disagreement };
  const asked = converted.takesDoubles ? withDoubles(signature) : signature;
  const table =
    request.data === undefined ? [] : await givenRows(request.data, asked, converted.features, exporter.signal);
  const given = [...exampleOf(converted, signature), ...table];
  const answered = await askOriginal(request, exporter, { modelPath, signature, given });
  const comparison = new Comparison(signature.outputs, request.tolerance);
  for (const one of answered) {
    comparison.add(rowsOf(one.inputs), one.outputs, await process.run(one.inputs));
  }
  const givenCount = given.reduce((sum, tensors) => sum + rowsOf(tensors), 0);
  const checked = { ...made, check: checkOf(comparison, givenCount, request.tolerance) };
  if (!comparison.isEqual) return { ...checked, refused: 'its answers differ from those of the original' };
  // The original may mix rows as well: then both agree on every batch, and the service would run none.
  const { notBatchedBecause } = await process.probe(answered.at(-1)?.inputs);
  if (notBatchedBecause !== undefined) return { ...checked, refused: `rows cannot be batched: ${notBatchedBecause}` };
  // Given rows come first, so that the example is one of them where there are any.
  const row = answered[0]?.inputs ?? [];
  const origin = originOf(checked, exporter.now());
  const accepted = { name: report.model, modelPath, signature, facts: converted, row, origin };
  const next = `headroom serve --models ${quoted(request.repository)}`;
  return { ...checked, ...(await placeExport(directory, accepted, exporter.signal)), next };
}

/** A converter may write what the runtime does not know yet. */
async function open(
  process: CandidateProcess,
  modelPath: string,
  signal: AbortSignal,
): Promise<{ readonly signature: TensorSignature } | { readonly reason: string }> {
  try {
    return await process.open(modelPath, { intraOpThreads: 1 });
  } catch (error) {
    signal.throwIfAborted();
    return { reason: `the runtime that would serve its export refuses that: ${messageOf(error)}` };
  }
}

function nameOf({ source, name, repository }: ExportRequest): string {
  if (name === undefined) return nameFrom(basename(source.replace(/:\w+$/, ''), extname(source.replace(/:\w+$/, ''))));
  if (nameFrom(name) === name) return name;
  throw new UsageError(
    `--name is '${name}', expected lower-case letters, digits and hyphens, for a folder of ${repository}`,
  );
}

/**
 * A row is rounded on its way into the export, not before: a model whose thresholds are doubles may answer otherwise to
 * the rounded row, where a value is the very threshold.
 */
function withDoubles({ inputs, outputs }: TensorSignature): TensorSignature {
  const unrounded = inputs.map((spec): TensorSpec => (spec.datatype === 'FP32' ? { ...spec, datatype: 'FP64' } : spec));
  return { inputs: unrounded, outputs };
}

interface Made {
  readonly modelPath: string;
  readonly signature: TensorSignature;
  readonly given: readonly (readonly Tensor[])[];
}

/** One request, if the source brings an example of its inputs. */
function exampleOf({ example }: Converted, { inputs }: TensorSignature): Tensor[][] {
  return Object.keys(example).length === 0 ? [] : [readTensors(example, inputs)];
}

function askOriginal(
  { source, inputs }: ExportRequest,
  exporter: Exporter,
  { modelPath, signature, given }: Made,
): Promise<Answered[]> {
  const stored = given.map((tensors, i) =>
    Object.fromEntries(
      tensors.map((tensor, j) => [
        signature.inputs[j]?.name ?? '',
        storeTensor(tensor, join(exporter.folder, `given-${i}-${j}`)),
      ]),
    ),
  );
  const question = { source, inputs, model: modelPath, given: stored, batches: RANDOM_BATCHES, seed: SEED };
  return answer(exporter, question, signature);
}

function checkOf({ rows, tiedRows, outputs }: Comparison, givenCount: number, tolerance: number) {
  return { givenRows: givenCount, randomRows: rows - givenCount, tiedRows, tolerance, outputs };
}

function originOf({ source, kind, tools, check }: ExportReport, date: Date): string[] {
  const versions = Object.entries(tools).map(([tool, version]) => `${tool} ${version}`);
  const rows = (check?.givenRows ?? 0) + (check?.randomRows ?? 0);
  const difference = Math.max(...(check?.outputs ?? []).map(({ largestDifference }) => largestDifference));
  return [
    `Exported on ${date.toISOString().slice(0, 10)} from ${JSON.stringify(basename(source))}, a ${kind}, by headroom export`,
    `(${versions.join(', ')});`,
    `on ${rows} rows its answers differ from the original's by ${difference.toPrecision(2)} at most.`,
    '',
  ];
}

function rowsOf(tensors: readonly Tensor[]): number {
  return tensors[0]?.shape[0] ?? 1;
}
