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
  /** What was asked for; plans of earlier releases do not tell. */
  partRows: Type.Optional(integer),
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
export type RunIdentity = Pick<BatchPlan, 'model' | 'format' | 'keep'> & { readonly partRows: number };

/**
 * Cuts the inputs into parts.
 * @param identity of Parquet, a row group is one part unless it is very large, whatever `partRows` says
 * @throws BatchError for a file that cannot be read as what its name says
 */
export async function makePlan(identity: RunIdentity, inputs: readonly InputFile[]): Promise<BatchPlan> {
  const parts: BatchPlan['parts'] = [];
  for (const [input, file] of inputs.entries()) {
    for (const range of await cut(file, identity.partRows)) parts.push({ input, range });
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
 * @param place where it lies
 * @throws BatchError where it is none
 */
export function parsePlan(text: string, place: string): BatchPlan {
  let plan: unknown;
  try {
    plan = JSON.parse(text);
  } catch {
    plan = undefined;
  }
  if (!Value.Check(PlanSchema, plan)) throw new BatchError(`${place} is no plan of a run`);
  return plan;
}
