import type { BatchModel } from './batch-model';
import type { BatchPlan } from './plan';
import type { RowOutcome } from './row-outcome';
import type { InputRow } from './rows';

/** Columns of every result; `--keep` may not name them. */
export const RESULT_COLUMNS = ['file', 'row', 'prediction', 'label', 'score'] as const;

/** A row with its prediction. */
export interface PredictedRow {
  readonly number: number;
  /** Of the columns that are kept, in the plan's order; undefined where the row has none. */
  readonly kept: readonly unknown[];
  /** JSON. */
  readonly prediction: string;
}

/** A row that goes to the dead letters, as it was. */
export interface RejectedRow {
  readonly number: number;
  readonly problem: string;
  readonly row: InputRow;
}

export interface SortedRows {
  readonly predicted: readonly PredictedRow[];
  readonly rejected: readonly RejectedRow[];
}

/** Where a part lies: its number is its name, so that whoever writes it writes the same file. */
export function partName(part: number, format: BatchPlan['format']): string {
  return `part-${digits(part)}.${format}`;
}

/** Where the rows of a part are told that could not be predicted. */
export function rejectedName(part: number): string {
  return `_rejected/part-${digits(part)}.jsonl`;
}

function digits(part: number): string {
  return String(part).padStart(6, '0');
}

/** Parts rows and outcomes, which stand in the same order. */
export function sortRows(
  rows: readonly InputRow[],
  outcomes: readonly RowOutcome[],
  keep: readonly string[],
): SortedRows {
  const predicted: PredictedRow[] = [];
  const rejected: RejectedRow[] = [];
  for (const [i, row] of rows.entries()) {
    const outcome = outcomes[i];
    if (outcome?.prediction !== undefined) {
      const kept = keep.map((name) => row.record?.[name]);
      predicted.push({ number: row.number, kept, prediction: outcome.prediction });
    } else {
      rejected.push({ number: row.number, problem: outcome?.problem ?? 'it was not run', row });
    }
  }
  return { predicted, rejected };
}

/**
 * The rows that a part lacks, which another run wrote: what it could not predict.
 * @param predicted numbers of the rows in it
 */
export function rowsBeside(
  predicted: ReadonlySet<number>,
  rows: readonly InputRow[],
  outcomes: readonly RowOutcome[],
): RejectedRow[] {
  return rows.flatMap((row, i) => {
    if (predicted.has(row.number)) return [];
    const problem = outcomes[i]?.problem ?? 'it could not be predicted when its part was written';
    return [{ number: row.number, problem, row }];
  });
}

/** Numbers of the rows in a part that was written. */
export async function predictedRows(content: Buffer, format: BatchPlan['format']): Promise<ReadonlySet<number>> {
  if (format === 'jsonl') {
    const lines = content.toString().split('\n').slice(0, -1);
    return new Set(lines.map((line) => Number(JSON.parse(line).row)));
  }
  const { parquetReadObjects } = await import('hyparquet');
  const file = new Uint8Array(content).buffer;
  const rows = await parquetReadObjects({ file, columns: ['row'] });
  return new Set(rows.map(({ row }) => Number(row)));
}

/** A line for each row that could not be predicted: where it stands, why, and itself. */
export function encodeRejected(file: string, rejected: readonly RejectedRow[]): Uint8Array {
  const lines = rejected.map(({ number, problem, row: { record, text } }) => {
    const line = toJson({ file, row: number, error: problem, ...(record === undefined ? { text } : { record }) });
    return `${line}\n`;
  });
  return Buffer.from(lines.join(''));
}

/** The problems that {@link encodeRejected} wrote. */
export function rejectedProblems(text: string): string[] {
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line) => String(JSON.parse(line).error));
}

export function encodeJsonl(file: string, rows: readonly PredictedRow[], keep: readonly string[]): Uint8Array {
  const start = `{"file":${JSON.stringify(file)},"row":`;
  const keys = keep.map((name) => JSON.stringify(name));
  const lines = rows.map(({ number, kept, prediction }) => {
    const columns = kept.map((value, i) => `,${keys[i]}:${toJson(value ?? null)}`).join('');
    return `${start}${number}${columns},"prediction":${prediction}}\n`;
  });
  return Buffer.from(lines.join(''));
}

/**
 * Columns file, row, those that are kept (text, values of other types as JSON, so that all parts have one schema),
 * `label` and `score` where the model answers with them, and `prediction`: the whole answer as JSON.
 */
export async function encodeParquet(
  file: string,
  rows: readonly PredictedRow[],
  keep: readonly string[],
  type: BatchModel['predictionType'],
): Promise<Uint8Array> {
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  // By the model, not by the rows: a part without any has the columns, too.
  const hasLabel = type === 'classification';
  const hasScore = hasLabel || type === 'score';
  const answers = hasScore ? rows.map(({ prediction }) => parse(prediction)) : [];
  const buffer = parquetWriteBuffer({
    columnData: [
      { name: 'file', type: 'STRING', nullable: false, data: rows.map(() => file) },
      { name: 'row', type: 'INT64', nullable: false, data: rows.map(({ number }) => BigInt(number)) },
      ...keep.map((name, i) => ({
        name,
        type: 'STRING' as const,
        nullable: true,
        data: rows.map(({ kept }) => asText(kept[i])),
      })),
      ...(hasLabel
        ? [{ name: 'label', type: 'STRING' as const, nullable: true, data: answers.map(({ label }) => label ?? null) }]
        : []),
      ...(hasScore
        ? [{ name: 'score', type: 'DOUBLE' as const, nullable: true, data: answers.map(({ score }) => score ?? null) }]
        : []),
      { name: 'prediction', type: 'STRING', nullable: false, data: rows.map(({ prediction }) => prediction) },
    ],
  });
  return new Uint8Array(buffer);
}

function parse(prediction: string): { label?: string; score?: number } {
  return JSON.parse(prediction);
}

function asText(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? value : toJson(value);
}

/** Integers beyond what a number holds, which Parquet has and JSON not, as text. */
function toJson(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) => (typeof member === 'bigint' ? String(member) : member));
}
