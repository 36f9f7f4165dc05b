/** A number for a person: thousands apart, no more digits than matter. */
export function number(value: number): string {
  const rounded = Number(value.toPrecision(value >= 1000 ? 6 : 3));
  return rounded.toLocaleString('en-US', { maximumSignificantDigits: 6 });
}

/** Digits of a number in a column that matter, and most decimals that are shown for them. */
const COLUMN_DIGITS = 3;
const COLUMN_DECIMALS = 2;

/** The numbers of a column, all with as many decimals as the smallest needs; a dash where there is none. */
export function numberColumn(values: readonly (number | undefined)[]): string[] {
  const given = values.flatMap((value) => value ?? []);
  const smallest = Math.min(...given.filter((value) => value !== 0).map(Math.abs));
  const needed = COLUMN_DIGITS - 1 - Math.floor(Math.log10(smallest));
  const decimals = given.every(Number.isInteger) ? 0 : Math.min(COLUMN_DECIMALS, Math.max(0, needed));
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return values.map((value) => value?.toLocaleString('en-US', digits) ?? '-');
}

/** A share as percent, never rounded up to a whole that it is not. */
export function percent(share: number): string {
  return `${(Math.floor(share * 10_000) / 100).toFixed(2)} %`;
}

/** A time from the beginning, as 16 s, 10 min or 4 h. */
export function duration(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${number(seconds / 60)} min` : `${number(seconds / 3600)} h`;
}

/** A number for a machine, without digits that no measurement has. */
export function sixDigits(value: number): number {
  return Number(value.toPrecision(6));
}
