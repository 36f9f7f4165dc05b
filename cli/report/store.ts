import { accessSync, constants, existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileProblem } from '../../lib/spec/file-problem';
import { UsageError } from '../errors';

/** Where commands keep their reports, below the working directory; the checklist looks for evidence there. */
export const REPORTS_FOLDER = 'reports';

/** `reports/load-2026-11-24T16-05-09Z.json`: no two of a kind have the same name, and they sort by time. */
export function reportFile(kind: string, at: string): string {
  return join(REPORTS_FOLDER, `${kind}-${at.replace(/\.\d+Z$/, 'Z').replaceAll(':', '-')}.json`);
}

/** Whether a report can go there, asked before what it tells has taken its time. @throws UsageError where it cannot */
export function requireWritable(flag: string, file: string): void {
  let folder = dirname(resolve(file));
  while (!existsSync(folder)) folder = dirname(folder);
  try {
    // With a slash at the end a file in the place of a folder is a fault, too.
    accessSync(`${folder}/`, constants.W_OK);
  } catch (error) {
    throw new UsageError(`${flag}: cannot write ${file}: ${fileProblem(error)}`);
  }
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UsageError(`${flag}: cannot write ${file}: it is a folder, expected a file`);
  }
}

/**
 * Writes a report, a page or a plan, whole or not at all: a reader never sees half of it.
 * @throws UsageError with the flag that named the file, where it cannot be written
 */
export function writeReport(flag: string, file: string, text: string): void {
  requireWritable(flag, file);
  const unfinished = `${file}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(unfinished, text);
    renameSync(unfinished, file);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw new UsageError(`${flag}: cannot write ${file}: ${fileProblem(error)}`);
  }
}
