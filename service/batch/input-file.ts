import { open, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { BatchError } from '../errors';

export const INPUT_FORMATS = ['jsonl', 'csv', 'parquet'] as const;

export type InputFormat = (typeof INPUT_FORMATS)[number];

/** A file of rows. */
export interface InputFile {
  /** Relative to the folder of all inputs. */
  readonly name: string;
  readonly format: InputFormat;
  readonly sizeBytes: number;
  /** Another one where the file has changed. */
  readonly stamp: string;
  /** The bytes from `startByte` to before `endByte`. */
  read(startByte: number, endByte: number): Promise<Uint8Array<ArrayBuffer>>;
}

const FORMATS_BY_EXTENSION: ReadonlyMap<string, InputFormat> = new Map([
  ['jsonl', 'jsonl'],
  ['ndjson', 'jsonl'],
  ['csv', 'csv'],
  ['parquet', 'parquet'],
]);

/** By the extension of its name; undefined for a file that holds no rows, as hidden ones do not. */
export function formatOf(name: string): InputFormat | undefined {
  if (name.startsWith('.')) return undefined;
  return FORMATS_BY_EXTENSION.get(name.slice(name.lastIndexOf('.') + 1).toLowerCase());
}

/**
 * The files of rows at a path: itself, or those in the folder, in the order of their names.
 * @throws BatchError where there is none
 */
export async function localInputs(path: string): Promise<InputFile[]> {
  const stats = await stat(path).catch(() => undefined);
  if (stats === undefined) throw new BatchError(`the input '${path}' does not exist`);
  const paths = stats.isDirectory() ? (await readdir(path)).sort().map((name) => join(path, name)) : [path];
  const files: InputFile[] = [];
  for (const file of paths) {
    const format = formatOf(basename(file));
    if (format !== undefined) files.push(await localInput(file, format));
  }
  return inputsFound(path, files);
}

/** @throws BatchError where there is none */
export function inputsFound(path: string, files: InputFile[]): InputFile[] {
  if (files.length > 0) return files;
  throw new BatchError(`the input '${path}' has no file of rows, expected .jsonl, .ndjson, .csv or .parquet`);
}

async function localInput(path: string, format: InputFormat): Promise<InputFile> {
  const { size, mtimeMs } = await stat(path);
  return {
    name: basename(path),
    format,
    sizeBytes: size,
    stamp: `${size} ${mtimeMs}`,
    read: (startByte, endByte) => readRange(path, startByte, endByte),
  };
}

async function readRange(path: string, startByte: number, endByte: number): Promise<Uint8Array<ArrayBuffer>> {
  const handle = await open(path);
  try {
    const bytes = new Uint8Array(endByte - startByte);
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, startByte + filled);
      if (bytesRead === 0) throw new BatchError(`'${path}' became shorter while it was read`);
      filled += bytesRead;
    }
    return bytes;
  } finally {
    await handle.close();
  }
}
