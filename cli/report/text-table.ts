/** A column of {@link textTable}; a plain name for one of text. */
export type Column = string | { readonly head: string; readonly align: 'right' };

/**
 * A table for a terminal: lines with aligned columns, two spaces apart, no spaces at the end. Where it is wider than a
 * line, and narrow enough on its side, its rows stand as columns.
 * @param lineColumns characters of a line; undefined: as many as it takes
 */
export function textTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  lineColumns = Number.POSITIVE_INFINITY,
): string[] {
  const lines = aligned(columns, rows);
  if (fits(lines, lineColumns)) return lines;
  const [first = '', ...others] = columns;
  const turned = aligned(
    [first, ...rows.map(([name = '']) => ({ head: name, align: 'right' }) as const)],
    others.map((column, i) => [headOf(column), ...rows.map((row) => row[i + 1] ?? '')]),
  );
  return fits(turned, lineColumns) ? turned : lines;
}

function fits(lines: readonly string[], lineColumns: number): boolean {
  return lines.every(({ length }) => length <= lineColumns);
}

function headOf(column: Column): string {
  return typeof column === 'string' ? column : column.head;
}

function aligned(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const all = [columns.map(headOf), ...rows];
  const widths = columns.map((_, i) => Math.max(...all.map((row) => row[i]?.length ?? 0)));
  return all.map((row) =>
    columns
      .map((column, i) => {
        const cell = row[i] ?? '';
        const width = widths[i] ?? 0;
        return typeof column === 'string' ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd(),
  );
}
