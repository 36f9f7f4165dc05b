/** Middle value, or the mean of the two middle ones; NaN of none, or where one is NaN. */
export function median(values: readonly number[]): number {
  const sorted = sortedNumbers(values);
  const middle = sorted.length / 2;
  const high = sorted[Math.floor(middle)] ?? Number.NaN;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? Number.NaN) + high) / 2 : high;
}

/** The value below which a share of the values lies; NaN of none, or where one is NaN. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = sortedNumbers(values);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** In rising order; empty where one is NaN, beside which no order holds. */
function sortedNumbers(values: readonly number[]): number[] {
  return values.some(Number.isNaN) ? [] : [...values].sort((a, b) => a - b);
}
