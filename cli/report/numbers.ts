/** A number for a person: thousands apart, no more digits than matter, and whole from 1,000 on. */
export function number(value: number): string {
  const rounded = value >= 1000 ? Number(Math.round(value).toPrecision(6)) : Number(value.toPrecision(3));
  return rounded.toLocaleString('en-US', { maximumSignificantDigits: 6 });
}

/** Digits of a number in a column that matter, and most decimals of a column whose largest number is 1 or more. */
const COLUMN_DIGITS = 3;
const COLUMN_DECIMALS = 2;

/**
 * The numbers of a column, all with as many decimals as the smallest needs, and none that is 0 in all of them; a dash
 * where there is none.
 */
export function numberColumn(values: readonly (number | undefined)[]): string[] {
  const given = values.flatMap((value) => value ?? []);
  const sizes = given.filter((value) => value !== 0).map(Math.abs);
  const most = Math.max(COLUMN_DECIMALS, decimalsFor(Math.max(...sizes)));
  const allowed = sizes.length === 0 ? 0 : Math.min(most, decimalsFor(Math.min(...sizes)));
  const decimals = Math.max(0, ...given.map((value) => decimalsOf(value.toFixed(allowed))));
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return values.map((value) => value?.toLocaleString('en-US', digits) ?? '-');
}

/** As {@link numberColumn}, for columns of one unit that stand side by side: all have the same decimals. */
export function numberColumns(columns: readonly (readonly (number | undefined)[])[]): string[][] {
  const cells = numberColumn(columns.flat()).values();
  return columns.map((column) => column.map(() => cells.next().value ?? '-'));
}

/** Rows of a table of which the columns are known. */
export function rowsOf(columns: readonly (readonly string[])[]): string[][] {
  return (columns[0] ?? []).map((_, row) => columns.map((column) => column[row] ?? '-'));
}

/** Decimals that show the digits of a number that matter. */
function decimalsFor(value: number): number {
  return Math.max(0, COLUMN_DIGITS - 1 - Math.floor(Math.log10(value)));
}

function decimalsOf(fixed: string): number {
  return (fixed.split('.')[1] ?? '').replace(/0+$/, '').length;
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
