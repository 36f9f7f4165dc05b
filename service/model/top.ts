import type { TensorData } from '../tensor';

/**
 * Finds the highest of `count` numbers from `offset` on, best first; of equals the first. NaN is below any number.
 * One pass that inserts into the few kept so far: for a small number of them faster than sorting all.
 * @param best receives their positions, counted from `offset`; its length says how many are wanted
 * @returns how many there are
 */
export function selectTop(data: TensorData, offset: number, count: number, best: Int32Array): number {
  let kept = 0;
  for (let position = 0; position < count; position++) {
    const value = numberAt(data, offset + position);
    if (kept === best.length && !isHigher(value, numberAt(data, offset + (best[kept - 1] ?? 0)))) continue;
    if (kept < best.length) kept += 1;
    let slot = kept - 1;
    while (slot > 0 && isHigher(value, numberAt(data, offset + (best[slot - 1] ?? 0)))) {
      best[slot] = best[slot - 1] ?? 0;
      slot -= 1;
    }
    best[slot] = position;
  }
  return kept;
}

function numberAt(data: TensorData, index: number): number {
  const element = data[index];
  return typeof element === 'number' ? element : Number.NaN;
}

function isHigher(value: number, other: number): boolean {
  return value > other || (Number.isNaN(other) && !Number.isNaN(value));
}
