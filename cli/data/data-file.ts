import { createReadStream, existsSync } from 'node:fs';
import { extname } from 'node:path';
import { pipeline } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CsvError, parse } from 'csv-parse';
import { isObject } from '../../lib/spec/describe';
import { messageOf } from '../../lib/spec/message-of';
import { CSV_OPTIONS, headerProblem } from '../../service/batch/csv';
import { readJsonlRows } from '../../service/cache/features/jsonl-rows';
import { readParquetRows } from '../../service/cache/features/parquet-rows';
import { UsageError } from '../errors';
import { ROWS_A_TURN } from './in-turns';

/** One row of an evaluation set: column → value. Cells of a CSV are texts, and an empty one is undefined. */
export type DataRow = Readonly<Record<string, unknown>>;

const READERS: Readonly<Record<string, (file: string) => AsyncIterable<DataRow>>> = {
  '.csv': readCsvRows,
  '.jsonl': readJsonlRows,
  '.parquet': readParquetRows,
};

/**
 * Reads a table from CSV (with a header), JSONL or Parquet.
 * @param flag what asked for it, for messages
 * @throws UsageError where it cannot be read, or has no rows
 * @throws the signal's reason when it is aborted
 */
export async function readDataFile(file: string, flag: string, signal: AbortSignal): Promise<DataRow[]> {
  const read = READERS[extname(file).toLowerCase()];
  if (read === undefined) {
    throw new UsageError(`${flag} is '${file}', expected a file that ends in ${Object.keys(READERS).join(', ')}`);
  }
  if (!existsSync(file)) throw new UsageError(`${flag}: ${file} does not exist`);
  const rows: DataRow[] = [];
  try {
    for await (const row of read(file)) {
      rows.push(row);
      // Interrupts are only heard between turns of the event loop, which rows that were read ahead do not need.
      if (rows.length % ROWS_A_TURN === 0) await nextTurn();
      signal.throwIfAborted();
    }
  } catch (error) {
    signal.throwIfAborted();
    throw new UsageError(`${flag}: ${file} cannot be read: ${reasonOf(error)}`);
  }
  if (rows.length === 0) throw new UsageError(`${flag}: ${file} has no rows`);
  return rows;
}

async function* readCsvRows(file: string): AsyncGenerator<DataRow> {
  const parser = parse({ ...CSV_OPTIONS, columns: distinctColumns, bom: true });
  // What fails is thrown where the records are taken.
  const records = pipeline(createReadStream(file), parser, () => undefined);
  for await (const record of records) {
    if (isObject(record)) yield Object.fromEntries(Object.entries(record).filter(([, cell]) => cell !== ''));
  }
}

/** Of all rows together, in the order in which they first come. */
export function columnsOf(rows: readonly DataRow[]): string[] {
  const names = new Set<string>();
  for (const row of rows) for (const name of Object.keys(row)) names.add(name);
  return [...names];
}

/** In one line: the parser shows a piece of the file. */
function reasonOf(error: unknown): string {
  return error instanceof CsvError ? error.message.replace(/\s+/g, ' ') : messageOf(error);
}

function distinctColumns(header: string[]): string[] {
  const problem = headerProblem(header);
  if (problem === undefined) return header;
  throw new Error(problem);
}
