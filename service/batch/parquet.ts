import { plainNumber } from '../cache/features/parquet-rows';
import { ArtifactError, BatchError, isSystemError } from '../errors';
import { reasonOf } from '../repository/reason';
import type { InputFile } from './input-file';

/**
 * Rows of each row group, which is read as a whole.
 * @throws BatchError for a file that is no Parquet
 */
export async function groupSizes(file: InputFile): Promise<number[]> {
  const { parquetMetadataAsync } = await import('hyparquet');
  const { row_groups: groups } = await decoded(file, () => parquetMetadataAsync(asyncBuffer(file)));
  return groups.map(({ num_rows: rows }) => Number(rows));
}

/**
 * The columns that rows have.
 * @throws BatchError for a file that is no Parquet
 */
export async function columnNames(file: InputFile): Promise<string[]> {
  const { parquetMetadataAsync, parquetSchema } = await import('hyparquet');
  const metadata = await decoded(file, () => parquetMetadataAsync(asyncBuffer(file)));
  return parquetSchema(metadata).children.map(({ element }) => element.name);
}

/**
 * Values by the names of columns, for so many rows.
 * @throws BatchError where they cannot be decoded
 */
export async function readRecords(file: InputFile, startRow: number, rows: number): Promise<Record<string, unknown>[]> {
  const { parquetReadObjects } = await import('hyparquet');
  const options = { file: asyncBuffer(file), rowStart: startRow, rowEnd: startRow + rows };
  const records = await decoded(file, () => parquetReadObjects(options));
  return records.map((record) =>
    Object.fromEntries(Object.entries(record).map(([name, value]) => [name, plainNumber(value)])),
  );
}

/** Tells bytes that are no Parquet from bytes that do not come. */
async function decoded<T>(file: InputFile, decode: () => Promise<T>): Promise<T> {
  try {
    return await decode();
  } catch (error) {
    if (error instanceof BatchError || error instanceof ArtifactError || isSystemError(error)) throw error;
    throw new BatchError(`${file.name} is no Parquet: ${reasonOf(error)}`);
  }
}

/** As the Parquet library reads files. */
function asyncBuffer(file: InputFile) {
  return {
    byteLength: file.sizeBytes,
    slice: async (start: number, end = file.sizeBytes) => (await file.read(start, end)).buffer,
  };
}
