import { TIMESTAMP_NAME, timestampMs } from './feature-store';
import type { FeatureRow } from './jsonl-rows';

/** The newest row of each entity. */
export type FeatureTable = ReadonlyMap<string, FeatureRow>;

/**
 * Collects rows by entity: the one with the latest timestamp, the last one where there are none.
 * @throws Error where a row has no entity in the column `joinKey`
 */
export async function collectRows(rows: AsyncIterable<FeatureRow>, joinKey: string): Promise<FeatureTable> {
  const table = new Map<string, FeatureRow>();
  let number = 0;
  for await (const row of rows) {
    number++;
    const entity = row[joinKey];
    if (typeof entity !== 'string' && typeof entity !== 'number') {
      throw new Error(`row ${number} has no text or number '${joinKey}' that names its entity`);
    }
    const earlier = table.get(String(entity));
    if (earlier === undefined || isAsNew(row, earlier)) table.set(String(entity), row);
  }
  return table;
}

function isAsNew(row: FeatureRow, earlier: FeatureRow): boolean {
  return (timestampMs(row[TIMESTAMP_NAME]) ?? 0) >= (timestampMs(earlier[TIMESTAMP_NAME]) ?? 0);
}
