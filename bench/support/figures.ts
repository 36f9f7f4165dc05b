/** One line of the result: what was measured, and the goal it is held against. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly goal: { readonly atLeast: number } | { readonly atMost: number };
  /** The absolute numbers behind a ratio. */
  readonly detail: string;
}

/** Prints the figures as a table. */
export function print(figures: readonly Figure[]): void {
  const rows = figures.map(({ name, value, unit, goal, detail }) => {
    const met = 'atLeast' in goal ? value >= goal.atLeast : value <= goal.atMost;
    const bound = 'atLeast' in goal ? `≥ ${goal.atLeast}` : `≤ ${goal.atMost}`;
    return [name, `${value.toPrecision(3)}${unit}`, `${bound}${unit}`, met ? 'met' : 'MISSED', detail];
  });
  const table = [['figure', 'measured', 'goal', '', 'in detail'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  for (const row of table) {
    process.stdout.write(`${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}\n`);
  }
}
