import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { UsageError } from './errors';

/**
 * Writes a file whole or not at all: a reader never sees half of it.
 * @param flag that asked for it, for the message
 * @throws UsageError where it cannot be written
 */
export function writeFile(flag: string, file: string, text: string): void {
  const unfinished = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(unfinished, text);
    renameSync(unfinished, file);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw new UsageError(`${flag}: cannot write ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
