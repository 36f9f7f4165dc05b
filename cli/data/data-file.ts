import { existsSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { CsvError, parse } from 'csv-parse/sync';
import { isObject } from '../../lib/spec/describe';
import { messageOf } from '../../lib/spec/message-of';
import { CSV_OPTIONS, headerProblem } from '../../service/batch/csv';
import { readJsonlRows } from '../../service/cache/features/jsonl-rows';
import { readParquetRows } from '../../service/cache/features/parquet-rows';
import { UsageError } from '../errors';

/** One row of an evaluation set: column → value. Cells of a CSV are texts, and an empty one is undefined. */
export type DataRow = Readonly<Record<string, unknown>>;

const READERS: Readonly<Record<string, (file: string) => Promise<DataRow[]>>> = {
  '.csv': readCsv,
  '.jsonl': (file) => collect(readJsonlRows(file)),
  '.parquet': (file) => collect(readParquetRows(file)),
};

/**
 * Reads a table from CSV (with a header), JSONL or Parquet.
 * @param flag what asked for it, for messages
 * @throws UsageError where it cannot be read, or has no rows
 */
export async function readDataFile(file: string, flag: string): Promise<DataRow[]> {
  const read = READERS[extname(file).toLowerCase()];
  if (read === undefined) {
    throw new UsageError(`${flag} is '${file}', expected a file that ends in ${Object.keys(READERS).join(', ')}`);
  }
  if (!existsSync(file)) throw new UsageError(`${flag}: ${file} does not exist`);
  let rows: DataRow[];
  try {
    rows = await read(file);
  } catch (error) {
    throw new UsageError(`${flag}: ${file} cannot be read: ${messageOf(error)}`);
  }
  if (rows.length === 0) throw new UsageError(`${flag}: ${file} has no rows`);
  return rows;
}

async function readCsv(file: string): Promise<DataRow[]> {
  let records: unknown[];
  try {
    records = parse(readFileSync(file), { ...CSV_OPTIONS, columns: distinctColumns, bom: true });
  } catch (error) {
    throw error instanceof CsvError ? new Error(error.message.replace(/\s+/g, ' ')) : error;
  }
  return records
    .filter(isObject)
    .map((record) => Object.fromEntries(Object.entries(record).filter(([, cell]) => cell !== '')));
}

function distinctColumns(header: string[]): string[] {
  const problem = headerProblem(header);
  if (problem === undefined) return header;
  throw new Error(problem);
}

async function collect(rows: AsyncIterable<DataRow>): Promise<DataRow[]> {
  const list: DataRow[] = [];
  for await (const row of rows) list.push(row);
  return list;
}
