/**
 * Milliseconds as a Kubernetes quantity in seconds: 100 → `100m`. Whole milliseconds are in milli, finer ones in micro,
 * rounded up so that no target becomes 0.
 */
export function secondsQuantity(ms: number): string {
  return Number.isInteger(ms) ? `${ms}m` : `${Math.ceil(ms * 1000)}u`;
}
