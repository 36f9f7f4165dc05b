/** Problems that are told apart: those that name a value may be as many as there are rows. */
const MAX_PROBLEMS = 1000;

export interface FrequentProblem {
  readonly problem: string;
  readonly rows: number;
}

/** Goes on a sentence: with the count where there are other problems. @param totalRows all that were rejected */
export function whyRejected({ problem, rows }: FrequentProblem, totalRows: number): string {
  return rows === totalRows ? `: ${problem}` : `, most often (${rows.toLocaleString('en-US')}): ${problem}`;
}

/** Why rows were rejected, counted. */
export class Rejections {
  readonly #rows = new Map<string, number>();
  #total = 0;

  /** Of all problems. */
  get total(): number {
    return this.#total;
  }

  add(problems: readonly string[]): void {
    this.#total += problems.length;
    for (const problem of problems) {
      const rows = this.#rows.get(problem) ?? 0;
      if (rows > 0 || this.#rows.size < MAX_PROBLEMS) this.#rows.set(problem, rows + 1);
    }
  }

  /** The problem of most rows, the first of equal ones; undefined: there is none. */
  get mostFrequent(): FrequentProblem | undefined {
    let [problem, rows] = ['', 0];
    for (const one of this.#rows) if (one[1] > rows) [problem, rows] = one;
    return rows === 0 ? undefined : { problem, rows };
  }
}
