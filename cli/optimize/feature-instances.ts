import { cellValue } from '../../service/model/cell-value';
import type { Feature } from '../../service/model/schema';
import type { DataRow } from '../data/data-file';
import { UsageError } from '../errors';

/**
 * Columns of a table that are no features.
 * @throws UsageError where a feature that must be given has no column
 */
export function unusedColumns(
  { file, columns }: { readonly file: string; readonly columns: readonly string[] },
  features: readonly Feature[],
): string[] {
  const missing = features.filter(
    ({ name, optional, default: fallback }) => optional !== true && fallback === undefined && !columns.includes(name),
  );
  if (missing.length > 0) {
    const names = missing.map(({ name }) => name).join(', ');
    throw new UsageError(`${file} has no column for: ${names}; it has: ${columns.join(', ')}`);
  }
  return columns.filter((column) => features.every(({ name }) => name !== column));
}

/**
 * Rows of a table as the instances of a request: only the columns that are features, and the texts of a CSV in the
 * types that the features have. What fits no type is left as it is, for the encoder to refuse.
 */
export function featureInstances(rows: readonly DataRow[], features: readonly Feature[]): DataRow[] {
  const known = new Map(features.map((feature) => [feature.name, feature]));
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).flatMap(([name, value]) => {
        const feature = known.get(name);
        const instanceValue = feature && typed(feature, value);
        return instanceValue === undefined ? [] : [[name, instanceValue]];
      }),
    ),
  );
}

/** Truth values may be numbers, too, as many tables have them. */
function typed({ type }: Feature, value: unknown): unknown {
  const isText = typeof value === 'string' || (type === 'boolean' && typeof value === 'number');
  return isText ? cellValue(String(value), type) : value;
}
