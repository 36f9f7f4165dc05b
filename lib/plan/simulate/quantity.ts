const SUFFIXES: ReadonlyMap<string, number> = new Map([
  ['n', 1e-9],
  ['u', 1e-6],
  ['m', 1e-3],
  ['', 1],
  ['k', 1e3],
  ['M', 1e6],
  ['G', 1e9],
  ['Ki', 1024],
  ['Mi', 1024 ** 2],
  ['Gi', 1024 ** 3],
]);

/** What a quantity looks like: `100m`, `0.1`, `2`, `1k`. */
export const QUANTITY_PATTERN = '^[0-9]+(?:\\.[0-9]+)?(?:[numkMG]|Ki|Mi|Gi)?$';

/**
 * A Kubernetes quantity in thousandths, rounded up as the controller does (`resource.Quantity.MilliValue`).
 * @returns undefined for text that is not a quantity
 */
export function quantityMilli(text: string): number | undefined {
  const match = /^([0-9]+(?:\.[0-9]+)?)([a-zA-Z]*)$/.exec(text);
  const factor = SUFFIXES.get(match?.[2] ?? '');
  if (match === null || factor === undefined) return undefined;
  // Twelve significant digits keep 0.1 × 1000 from becoming 100.00000000000001, which would be rounded up to 101.
  return Math.ceil(Number((Number(match[1]) * factor * 1000).toPrecision(12)));
}
