import type { InputFile } from './input-file';
import { columnNames } from './parquet';
import { readHeader, readJsonl } from './rows';

/** Of JSONL, the rows in so many bytes are looked at: the first one alone may lack what others have. */
const JSONL_BYTES = 2 ** 16;

/**
 * The columns of a file, without reading all of it; none where its beginning does not tell.
 * @throws BatchError for a file that is not what its name says
 */
export async function columnsOf(file: InputFile): Promise<readonly string[]> {
  if (file.format === 'parquet') return columnNames(file);
  if (file.format === 'csv') return readHeader(file);
  const text = new TextDecoder().decode(await file.read(0, Math.min(JSONL_BYTES, file.sizeBytes)));
  // The last line may be cut off, and is then none that can be read.
  const names = readJsonl(text, 1).flatMap(({ record }) => Object.keys(record ?? {}));
  return [...new Set(names)];
}
