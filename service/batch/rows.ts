import { isObject } from '../../lib/spec/describe';
import { plainNumber } from '../cache/features/parquet-rows';
import { BatchError } from '../errors';
import type { CsvTyping } from './csv';
import type { InputFile } from './input-file';
import type { TextRange } from './text-chunks';

/** Consecutive rows of one file. */
export type RowRange = TextRange | { readonly startRow: number; readonly rows: number };

/** A row as it stands in its file. */
export interface InputRow {
  /** From 1: of JSONL the line, else the record. */
  readonly number: number;
  /** Undefined: it cannot be read. */
  readonly record: Readonly<Record<string, unknown>> | undefined;
  /** The text of a row that cannot be read. */
  readonly text?: string;
  /** Why not. */
  readonly problem?: string;
}

/** The rows of a part of a file, all at once: parts are as small as memory asks. */
export async function readRows(file: InputFile, range: RowRange, typing: CsvTyping): Promise<InputRow[]> {
  if ('startRow' in range) return readParquet(file, range.startRow, range.rows);
  const text = new TextDecoder().decode(await file.read(range.startByte, range.endByte));
  return file.format === 'csv' ? readCsv(file, text, range.firstRow, typing) : readJsonl(text, range.firstRow);
}

function readJsonl(text: string, firstRow: number): InputRow[] {
  const rows: InputRow[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    rows.push({ number: firstRow + index, ...parseLine(line) });
  }
  return rows;
}

function parseLine(line: string): Omit<InputRow, 'number'> {
  try {
    const record: unknown = JSON.parse(line);
    if (isObject(record)) return { record };
    return { record: undefined, text: line, problem: 'the line is no object' };
  } catch {
    return { record: undefined, text: line, problem: 'the line is no JSON' };
  }
}

async function readCsv(file: InputFile, text: string, firstRow: number, typing: CsvTyping): Promise<InputRow[]> {
  const columns = await csvHeader(file);
  const { parse } = await import('csv-parse/sync');
  const options = { skip_empty_lines: true, relax_column_count: true, relax_quotes: true };
  const records: string[][] = parse(text, options);
  return records.map((values, index) => {
    const number = firstRow + index;
    if (values.length !== columns.length) {
      const problem = `the record has ${values.length} fields, but the header ${columns.length}`;
      return { number, record: undefined, text: values.join(','), problem };
    }
    return { number, record: typing(Object.fromEntries(columns.map((name, i) => [name, values[i] ?? '']))) };
  });
}

/** A header longer than this is none. */
const MAX_HEADER_BYTES = 2 ** 20;

/** @throws BatchError for a header that names a column twice or not at all */
async function csvHeader(file: InputFile): Promise<string[]> {
  const { parse } = await import('csv-parse/sync');
  const start = new TextDecoder().decode(await file.read(0, Math.min(MAX_HEADER_BYTES, file.sizeBytes)));
  const records: string[][] = parse(start, { to: 1, skip_empty_lines: true, relax_quotes: true });
  const columns = records[0] ?? [];
  const problem = columns.find((name, i) => name === '' || columns.indexOf(name) !== i);
  if (problem === undefined) return columns;
  throw new BatchError(
    `${file.name}: the header names a column ${problem === '' ? 'without a name' : `'${problem}' twice`}`,
  );
}

async function readParquet(file: InputFile, startRow: number, rows: number): Promise<InputRow[]> {
  const { parquetReadObjects } = await import('hyparquet');
  const options = { file: asyncBuffer(file), rowStart: startRow, rowEnd: startRow + rows };
  const records = await parquetReadObjects(options);
  return records.map((record, index) => ({
    number: startRow + index + 1,
    record: Object.fromEntries(Object.entries(record).map(([name, value]) => [name, plainNumber(value)])),
  }));
}

/** As the Parquet library reads files. */
export function asyncBuffer(file: InputFile) {
  return {
    byteLength: file.sizeBytes,
    slice: async (start: number, end = file.sizeBytes) => (await file.read(start, end)).buffer,
  };
}
