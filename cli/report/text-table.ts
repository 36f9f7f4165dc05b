/** A column of {@link textTable}; a plain name for one of text. */
export type Column = string | { readonly head: string; readonly align: 'right' };

/** A table for a terminal: lines with aligned columns, two spaces apart, no spaces at the end. */
export function textTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const all = [columns.map((column) => (typeof column === 'string' ? column : column.head)), ...rows];
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
