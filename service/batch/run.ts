import { counted } from '../../lib/spec/counted';
import { BatchError, BatchInterruptedError } from '../errors';
import type { BatchModel } from './batch-model';
import type { InputFile } from './input-file';
import { mapOrdered } from './map-ordered';
import type { OutputFolder } from './output-folder';
import {
  encodeJsonl,
  encodeParquet,
  encodeRejected,
  partName,
  predictedRows,
  type RejectedRow,
  rejectedName,
  rejectedProblems,
  rowsBeside,
  type SortedRows,
  sortRows,
} from './part';
import { type BatchPlan, makePlan, PLAN_FILE, parsePlan, type RunIdentity } from './plan';
import { type FrequentProblem, Rejections, whyRejected } from './rejections';
import type { RowOutcome } from './row-outcome';
import { type InputRow, RowReader } from './rows';
import { checkSameRun } from './same-run';

export const SUCCESS_FILE = '_SUCCESS';

/** Rows that are handed to the model at once; it batches them further as it measures. */
const GROUP_ROWS = 256;

/** How long a shard waits for the first one to write the plan, and how often it looks. */
const PLAN_TIMEOUT_MS = 600_000;
const PLAN_POLL_MS = 1000;

export interface BatchRun {
  readonly model: Pick<BatchModel, 'identity' | 'typing' | 'predictionType' | 'takes' | 'predict'>;
  readonly inputs: readonly InputFile[];
  readonly output: OutputFolder;
  readonly format: BatchPlan['format'];
  /** Columns to copy from the input; those that the model does not take are not given to it. */
  readonly keep: readonly string[];
  readonly partRows: number;
  /** This one of so many that share the work, from 0. */
  readonly shard: number;
  readonly shards: number;
  /** Groups of rows that are under way at the same time. */
  readonly lanes: number;
  readonly onProgress: (progress: BatchProgress) => void;
  readonly sleep: (ms: number) => Promise<void>;
}

/** How far a shard is. */
export interface BatchProgress {
  /** Of this shard, those that were found done included. */
  readonly doneRows: number;
  /** Rows of parts that an earlier run wrote. */
  readonly foundRows: number;
  readonly totalRows: number;
  readonly rejectedRows: number;
  /** Parts that this run wrote, and those that were there. */
  readonly writtenParts: number;
  readonly foundParts: number;
}

export interface BatchSummary extends BatchProgress {
  /** Why most of the rejected rows were; undefined: none was. */
  readonly mostRejected: FrequentProblem | undefined;
  /** Whether all parts of all shards are there, and so {@link SUCCESS_FILE}. */
  readonly isComplete: boolean;
}

/**
 * Predicts the rows of a shard, part by part. Each part is written once, whole and under a name that the plan fixes:
 * a run that is repeated, resumed or doubled ends with the same files, each row in exactly one of them.
 *
 * @throws BatchError where another try would end the same
 */
export async function runBatch(run: BatchRun): Promise<BatchSummary> {
  const plan = await planOf(run);
  const parts = plan.parts.map((part, number) => ({ ...part, number }));
  const own = parts.filter(({ number }) => number % run.shards === run.shard);
  const totalRows = own.reduce((sum, { range }) => sum + range.rows, 0);
  const there = await run.output.names();
  const done = { doneRows: 0, foundRows: 0, totalRows, rejectedRows: 0, writtenParts: 0, foundParts: 0 };
  const reader = new RowReader(run.model.typing);
  const rejections = new Rejections();
  for (const part of own) {
    const { number, range } = part;
    const isThere = there.has(partName(number, run.format));
    rejections.add(isThere ? await readRejected(run, there, number) : await writePart(run, part, reader, there));
    done.doneRows += range.rows;
    if (isThere) done.foundRows += range.rows;
    done.rejectedRows = rejections.total;
    done[isThere ? 'foundParts' : 'writtenParts'] += 1;
    run.onProgress(done);
  }
  const mostRejected = rejections.mostFrequent;
  if (mostRejected !== undefined && done.rejectedRows === totalRows) {
    const why = whyRejected(mostRejected, totalRows);
    const where = run.output.shown(rejectedName(own[0]?.number ?? 0));
    throw new BatchError(`none of ${counted(totalRows, 'row')} could be predicted${why}; see ${where}`);
  }
  return { ...done, mostRejected, isComplete: await finish(run, plan) };
}

/** The first shard plans, so that not every one reads all inputs for it. */
async function planOf(run: BatchRun): Promise<BatchPlan> {
  const { model, format, keep, partRows, inputs, output } = run;
  const identity: RunIdentity = { model: model.identity, format, keep: [...keep], partRows };
  const written = await readPlan(run, identity);
  if (written !== undefined) return written;
  if (run.shard === 0) {
    const plan = await makePlan(identity, inputs);
    await output.writeOnce(PLAN_FILE, Buffer.from(JSON.stringify(plan)));
  }
  // What counts is what stands there: another run may have been faster.
  for (let waitedMs = 0; ; waitedMs += PLAN_POLL_MS) {
    const plan = await readPlan(run, identity);
    if (plan !== undefined) return plan;
    if (waitedMs >= PLAN_TIMEOUT_MS) {
      throw new BatchInterruptedError(`shard 0 has not written ${PLAN_FILE} within ${PLAN_TIMEOUT_MS / 1000} s`);
    }
    await run.sleep(PLAN_POLL_MS);
  }
}

async function readPlan({ inputs, output }: BatchRun, identity: RunIdentity): Promise<BatchPlan | undefined> {
  const text = await readText(output, PLAN_FILE);
  if (text === undefined) return undefined;
  const plan = parsePlan(text, output.shown(PLAN_FILE));
  checkSameRun(plan, identity, inputs, output.shown());
  return plan;
}

async function readText(output: OutputFolder, name: string): Promise<string | undefined> {
  return (await output.read(name))?.toString();
}

type NumberedPart = BatchPlan['parts'][number] & { readonly number: number };

/**
 * @param there names of files that are in the output folder
 * @returns the problems of its rows that were rejected
 */
async function writePart(
  run: BatchRun,
  { number, input, range }: NumberedPart,
  reader: RowReader,
  there: ReadonlySet<string>,
): Promise<string[]> {
  const { inputs, keep, output, format } = run;
  const file = inputs[input];
  if (file === undefined) throw new BatchError(`${PLAN_FILE} names input ${input} of ${inputs.length}`);
  const rows = await reader.read(file, range);
  if (rows.length !== range.rows) {
    throw new BatchError(
      `${file.name} has ${counted(rows.length, 'row')} where the plan counted ${range.rows}; has it changed?`,
    );
  }
  const outcomes = await predictRows(run, rows);
  const sorted = sortRows(rows, outcomes, keep);
  const tell = (rejected: readonly RejectedRow[]) =>
    output.replace(rejectedName(number), encodeRejected(file.name, rejected));
  // What is told without its part is of a run that was cut off, for which other rows may have failed.
  if (sorted.rejected.length > 0 || there.has(rejectedName(number))) await tell(sorted.rejected);
  // Last: where the part is, all of it is.
  const isOwn = await output.writeOnce(partName(number, format), await encode(run, file.name, sorted));
  if (isOwn) return problemsOf(sorted.rejected);
  // Another run was faster, for which other rows may have failed: what it could not predict is what its part lacks.
  const part = await output.read(partName(number, format));
  if (part === undefined) throw new BatchInterruptedError(`${partName(number, format)} was there and is gone`);
  const rejected = rowsBeside(await predictedRows(part, format), rows, outcomes);
  if (rejected.length > 0 || sorted.rejected.length > 0) await tell(rejected);
  return problemsOf(rejected);
}

function problemsOf(rejected: readonly RejectedRow[]): string[] {
  return rejected.map(({ problem }) => problem);
}

function encode({ format, keep, model }: BatchRun, file: string, { predicted }: SortedRows) {
  return format === 'jsonl'
    ? encodeJsonl(file, predicted, keep)
    : encodeParquet(file, predicted, keep, model.predictionType);
}

async function predictRows(run: BatchRun, rows: readonly InputRow[]): Promise<RowOutcome[]> {
  const dropped = run.keep.filter((name) => !run.model.takes(name));
  const groups = Array.from({ length: Math.ceil(rows.length / GROUP_ROWS) }, (_, i) =>
    rows.slice(i * GROUP_ROWS, (i + 1) * GROUP_ROWS),
  );
  const outcomes = await mapOrdered(groups, run.lanes, (group) => predictGroup(run, group, dropped));
  return outcomes.flat();
}

async function predictGroup(
  { model }: BatchRun,
  group: readonly InputRow[],
  dropped: readonly string[],
): Promise<RowOutcome[]> {
  const records = group.flatMap(({ record }) => (record === undefined ? [] : [without(record, dropped)]));
  const predicted = (await model.predict(records)).values();
  return group.map(({ record, problem = 'the row cannot be read' }): RowOutcome => {
    if (record === undefined) return { prediction: undefined, problem };
    return predicted.next().value ?? { prediction: undefined, problem: 'the model gave no prediction' };
  });
}

function without(record: Readonly<Record<string, unknown>>, names: readonly string[]) {
  if (names.length === 0) return record;
  return Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));
}

/** @param there names of files that are in the output folder */
async function readRejected({ output }: BatchRun, there: ReadonlySet<string>, part: number): Promise<string[]> {
  if (!there.has(rejectedName(part))) return [];
  return rejectedProblems((await readText(output, rejectedName(part))) ?? '');
}

/** Whoever finds all parts there says so, once. */
async function finish(run: BatchRun, plan: BatchPlan): Promise<boolean> {
  const { output, format } = run;
  const there = await output.names();
  if (there.has(SUCCESS_FILE)) return true;
  for (const number of plan.parts.keys()) if (!there.has(partName(number, format))) return false;
  const parts = [];
  for (const [number, { input, range }] of plan.parts.entries()) {
    const { length: rejected } = await readRejected(run, there, number);
    const file = run.inputs[input]?.name;
    parts.push({ name: partName(number, format), file, rows: range.rows - rejected, rejected });
  }
  await output.writeOnce(SUCCESS_FILE, Buffer.from(JSON.stringify({ model: plan.model, parts })));
  await output.tidy();
  return true;
}
