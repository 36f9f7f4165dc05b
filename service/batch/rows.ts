import { isObject } from '../../lib/spec/describe';
import { BatchError } from '../errors';
import { CSV_OPTIONS, headerProblem } from './csv';
import type { CsvTyping } from './csv-typing';
import type { InputFile } from './input-file';
import { readRecords } from './parquet';
import { firstRowStart, RecordScan } from './row-scan';
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

/** Reads the rows of parts, each all at once: parts are as small as memory asks. */
export class RowReader {
  /** Of files of CSV: those that have no part need no header, the others one. */
  readonly #columns = new Map<InputFile, Promise<readonly string[]>>();

  constructor(private readonly typing: CsvTyping) {}

  /** @throws BatchError for a file that is not what its name says */
  async read(file: InputFile, range: RowRange): Promise<InputRow[]> {
    if ('startRow' in range) {
      const records = await readRecords(file, range.startRow, range.rows);
      return records.map((record, index) => ({ number: range.startRow + index + 1, record }));
    }
    const bytes = await file.read(range.startByte, range.endByte);
    // What looks like a mark in the middle of a file is a character of a row.
    const text = new TextDecoder('utf-8', { ignoreBOM: range.startByte > 0 }).decode(bytes);
    if (file.format === 'jsonl') return readJsonl(text, range.firstRow);
    return readCsv(text, range.firstRow, await this.#columnsOf(file), this.typing);
  }

  #columnsOf(file: InputFile): Promise<readonly string[]> {
    const known = this.#columns.get(file);
    if (known !== undefined) return known;
    const columns = readHeader(file);
    this.#columns.set(file, columns);
    return columns;
  }
}

/** What LineScan calls blank, without the line break. */
const BLANK_LINE = /^[\t\r ]*$/;

/** Of the text of consecutive lines: those that are not blank. */
export function readJsonl(text: string, firstRow: number): InputRow[] {
  const rows: InputRow[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (BLANK_LINE.test(line)) continue;
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

async function readCsv(
  text: string,
  firstRow: number,
  columns: readonly string[],
  typing: CsvTyping,
): Promise<InputRow[]> {
  const { parse } = await import('csv-parse/sync');
  const records: string[][] = parse(text, { ...CSV_OPTIONS, relax_column_count: true });
  return records.map((values, index) => {
    const number = firstRow + index;
    if (values.length !== columns.length) {
      const problem = `the record has ${values.length} fields, but the header ${columns.length}`;
      return { number, record: undefined, text: values.join(','), problem };
    }
    return { number, record: typing(Object.fromEntries(columns.map((name, i) => [name, values[i] ?? '']))) };
  });
}

/** Most headers are shorter by far; for others, as much again is read. */
const HEADER_BYTES = 2 ** 16;

/** The columns of CSV. @throws BatchError for a header that names a column twice or not at all */
export async function readHeader(file: InputFile): Promise<readonly string[]> {
  const { parse } = await import('csv-parse/sync');
  const records: string[][] = parse(await firstRecord(file), { ...CSV_OPTIONS, bom: true });
  const columns = records[0] ?? [];
  const problem = headerProblem(columns);
  if (problem === undefined) return columns;
  throw new BatchError(`${file.name}: ${problem}`);
}

async function firstRecord(file: InputFile): Promise<Buffer> {
  for (let sizeBytes = HEADER_BYTES; ; sizeBytes *= 2) {
    const bytes = Buffer.from(await file.read(0, Math.min(sizeBytes, file.sizeBytes)));
    const end = firstRecordEnd(bytes);
    if (end !== undefined || sizeBytes >= file.sizeBytes) return bytes.subarray(0, end);
  }
}

/** Undefined where the bytes end within it. */
function firstRecordEnd(bytes: Uint8Array): number | undefined {
  const scan = new RecordScan();
  for (let i = firstRowStart(bytes); i < bytes.length; i++) {
    if (scan.add(bytes[i] ?? 0) && !scan.isBlank) return i + 1;
  }
  return undefined;
}
