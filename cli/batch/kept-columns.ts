import { didYouMean } from '../../lib/spec/closest';
import { columnsOf } from '../../service/batch/columns';
import type { InputFile } from '../../service/batch/input-file';
import { RESULT_COLUMNS } from '../../service/batch/part';
import { UsageError } from '../errors';

/** Names that are listed of a wide table. */
const MAX_NAMES = 30;

/**
 * The columns that `--keep` names.
 * @throws UsageError for no list of names, and for what results have of their own
 */
export function keptColumns(text: string | undefined): string[] {
  const columns = text === undefined ? [] : text.split(',').map((name) => name.trim());
  for (const [i, name] of columns.entries()) {
    if (name === '' || columns.indexOf(name) !== i) {
      throw new UsageError(`--keep is '${text}', expected names of columns, each once, separated by commas`);
    }
    if (RESULT_COLUMNS.some((own) => own === name)) {
      throw new UsageError(`--keep has '${name}', which results have of their own: ${RESULT_COLUMNS.join(', ')}`);
    }
  }
  return columns;
}

/**
 * Looks for the columns to keep at the beginning of the inputs, of no more of them than it takes to find all.
 * @throws UsageError for one that no input has
 * @throws BatchError for a file that is not what its name says
 */
export async function checkKept(keep: readonly string[], inputs: readonly InputFile[]): Promise<void> {
  const known = new Set<string>();
  for (const file of inputs) {
    if (keep.every((name) => known.has(name))) return;
    for (const name of await columnsOf(file)) known.add(name);
  }
  const missing = keep.find((name) => !known.has(name));
  // Without rows there is nothing to keep, and nothing to miss.
  if (missing === undefined || known.size === 0) return;
  const columns = [...known];
  const place = inputs.length === 1 ? inputs[0]?.name : `${inputs.length} files`;
  const hint = didYouMean(missing, columns);
  throw new UsageError(`--keep: no column ${missing} in ${place}, expected one of ${listed(columns)}${hint}`);
}

function listed(names: readonly string[]): string {
  const some = names.slice(0, MAX_NAMES).join(', ');
  return names.length <= MAX_NAMES ? some : `${some}, … (${names.length} in all)`;
}
