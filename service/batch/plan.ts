import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { BatchError } from '../errors';
import type { InputFile } from './input-file';
import { groupSizes } from './parquet';
import type { RowRange } from './rows';
import { cutText } from './text-chunks';

export const PLAN_FILE = '_plan.json';

/** Text of one part; beside it, the number of rows bounds a part. */
const MAX_PART_BYTES = 32 * 2 ** 20;
const MAX_ROW_BYTES = 8 * 2 ** 20;
/** A row group of Parquet is read as a whole, however few rows are wanted; a larger one is read several times. */
const MAX_GROUP_ROWS = 131_072;

const integer = Type.Integer({ minimum: 0 });

const PlanSchema = Type.Object({
  schemaVersion: Type.Literal(1),
  model: Type.Object({ name: Type.String(), version: integer, digest: Type.String() }),
  format: Type.Enum(['jsonl', 'parquet']),
  /** Columns that are copied from the input. */
  keep: Type.Array(Type.String()),
  inputs: Type.Array(Type.Object({ name: Type.String(), stamp: Type.String() })),
  parts: Type.Array(
    Type.Object({
      /** Position in `inputs`. */
      input: integer,
      range: Type.Union([
        Type.Object({ startByte: integer, endByte: integer, firstRow: integer, rows: integer }),
        Type.Object({ startRow: integer, rows: integer }),
      ]),
    }),
  ),
});

/** What a run does, written once before it begins and never changed: which rows become which part, by which model. */
export type BatchPlan = Static<typeof PlanSchema>;

/** What must be the same for a run to go on where another one was. */
export type RunIdentity = Pick<BatchPlan, 'model' | 'format' | 'keep'>;

/**
 * Cuts the inputs into parts.
 * @param partRows rows of a part; of Parquet, a row group is one part unless it is very large
 * @throws BatchError for a file that cannot be read as what its name says
 */
export async function makePlan(
  identity: RunIdentity,
  inputs: readonly InputFile[],
  partRows: number,
): Promise<BatchPlan> {
  const parts: BatchPlan['parts'] = [];
  for (const [input, file] of inputs.entries()) {
    for (const range of await cut(file, partRows)) parts.push({ input, range });
  }
  return {
    schemaVersion: 1,
    ...identity,
    inputs: inputs.map(({ name, stamp }) => ({ name, stamp })),
    parts,
  };
}

async function cut(file: InputFile, partRows: number): Promise<RowRange[]> {
  if (file.format !== 'parquet') {
    return cutText(file, { rows: partRows, bytes: MAX_PART_BYTES, rowBytes: MAX_ROW_BYTES });
  }
  const groups = await groupSizes(file);
  const ranges: RowRange[] = [];
  let startRow = 0;
  for (const groupRows of groups) {
    for (let at = 0; at < groupRows; at += MAX_GROUP_ROWS) {
      ranges.push({ startRow: startRow + at, rows: Math.min(MAX_GROUP_ROWS, groupRows - at) });
    }
    startRow += groupRows;
  }
  return ranges;
}

/**
 * Reads a plan that an earlier run or another shard wrote.
 * @throws BatchError where it is none, or the plan of another run
 */
export function readPlan(text: string, identity: RunIdentity, inputs: readonly InputFile[]): BatchPlan {
  let plan: unknown;
  try {
    plan = JSON.parse(text);
  } catch {
    plan = undefined;
  }
  if (!Value.Check(PlanSchema, plan)) throw new BatchError(`${PLAN_FILE} in the output folder is no plan of a run`);
  const wanted: Record<string, unknown> = { ...identity, inputs: inputs.map(({ name, stamp }) => ({ name, stamp })) };
  const found: Record<string, unknown> = plan;
  const other = ['model', 'inputs', 'format', 'keep'].find(
    (key) => JSON.stringify(wanted[key]) !== JSON.stringify(found[key]),
  );
  if (other === undefined) return plan;
  throw new BatchError(
    `the output folder holds another run: ${other} was ${shorten(found[other])}, but is ${shorten(wanted[other])}; ` +
      'expected an empty folder, or a run to go on with',
  );
}

function shorten(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
