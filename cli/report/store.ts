import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { messageOf } from '../../lib/spec/message-of';
import { UsageError } from '../errors';

/** Where commands keep their reports, below the working directory; the checklist looks for evidence there. */
export const REPORTS_FOLDER = 'reports';

/** `reports/load-2026-11-24T16-05-09Z.json`: no two of a kind have the same name, and they sort by time. */
export function reportFile(kind: string, at: string): string {
  return join(REPORTS_FOLDER, `${kind}-${at.replace(/\.\d+Z$/, 'Z').replaceAll(':', '-')}.json`);
}

/**
 * Writes a report, a page or a plan, whole or not at all: a reader never sees half of it.
 * @throws UsageError with the flag that named the file, where it cannot be written
 */
export function writeReport(flag: string, file: string, text: string): void {
  const unfinished = `${file}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(unfinished, text);
    renameSync(unfinished, file);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw new UsageError(`${flag}: cannot write ${file}: ${messageOf(error)}`);
  }
}
