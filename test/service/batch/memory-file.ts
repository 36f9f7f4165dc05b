import { formatOf, type InputFile } from '../../../service/batch/input-file';

/** A file of rows that is in memory. */
export function memoryFile(name: string, content: string | Uint8Array): InputFile {
  const bytes = Buffer.from(content);
  return {
    name,
    format: formatOf(name) ?? 'jsonl',
    sizeBytes: bytes.length,
    stamp: `${bytes.length} 0`,
    read: async (start, end) => new Uint8Array(bytes.subarray(start, end)),
  };
}
