import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { keyword } from '../spec/describe';
import { unreadable } from './errors';

/**
 * Paths of the files in a folder whose names match, in order; none where there is no such folder.
 * @param what the files are, as in `cannot read the reports in …`
 * @throws PlanInputError where it cannot be read, such as a file in its place
 */
export function filesIn(folder: string, names: RegExp, what: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    const files = entries.filter((entry) => !entry.isDirectory() && names.test(entry.name));
    return files.map(({ name }) => join(folder, name)).sort();
  } catch (error) {
    if (keyword(error, 'code') === 'ENOENT') return [];
    throw unreadable(`${what} in`, folder, error);
  }
}

/** The files of a folder of reports that are JSON; errors as {@link filesIn}. */
export function reportsIn(folder: string): { readonly file: string; readonly json: unknown }[] {
  return filesIn(folder, /\.json$/, 'reports').flatMap((file) => {
    try {
      return [{ file, json: JSON.parse(readFileSync(file, 'utf8')) }];
    } catch {
      return [];
    }
  });
}
