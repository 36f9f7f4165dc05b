import type { FeatureRow } from './jsonl-rows';

/** The rows of a Parquet file. The library is loaded when the first such file is. */
export async function* readParquetRows(path: string): AsyncGenerator<FeatureRow> {
  const { asyncBufferFromFile, parquetReadObjects } = await import('hyparquet');
  for (const row of await parquetReadObjects({ file: await asyncBufferFromFile(path) })) {
    yield Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plainNumber(value)]));
  }
}

/** Integers of 64 bits as the numbers that features are; those that a number cannot hold stay what they are. */
export function plainNumber(value: unknown): unknown {
  if (typeof value !== 'bigint') return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
