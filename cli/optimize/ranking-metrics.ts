/**
 * Probability that a positive row scores higher than a negative one, ties counting half (Mann-Whitney U). A row without
 * a number for a score wins against none, and loses to none.
 */
export function areaUnderRoc(scores: readonly number[], positive: readonly boolean[]): number {
  const ranked = [...scores.entries()]
    .filter(([, score]) => !Number.isNaN(score))
    .sort(([, a], [, b]) => ascending(a, b));
  let [wins, negativesBelow] = [0, 0];
  for (let start = 0; start < ranked.length; ) {
    const score = ranked[start]?.[1];
    let [end, positives, negatives] = [start, 0, 0];
    for (; end < ranked.length && ranked[end]?.[1] === score; end += 1) {
      if (positive[ranked[end]?.[0] ?? 0] === true) positives += 1;
      else negatives += 1;
    }
    wins += positives * (negativesBelow + negatives / 2);
    negativesBelow += negatives;
    start = end;
  }
  const positives = positive.filter(Boolean).length;
  return wins / (positives * (positive.length - positives));
}

/**
 * Mean over the groups of the discounted gain of the ten best, gain 2^grade − 1, against the best possible order. A row
 * without a number for a score is not found, whatever its grade.
 */
export function ndcgAt10(scores: readonly number[], grades: readonly number[], groups: readonly number[]): number {
  const rowsOf = new Map<number | undefined, number[]>();
  for (const row of scores.keys()) {
    const rows = rowsOf.get(groups[row]) ?? [];
    rowsOf.set(groups[row], rows);
    rows.push(row);
  }
  const gradeOf = (row: number) => grades[row] ?? 0;
  const scoreOf = (row: number) => scores[row] ?? Number.NaN;
  const values = [...rowsOf.values()].map((rows) => {
    const ideal = discountedGain(rows.map(gradeOf).sort((a, b) => b - a));
    // A query without anything relevant counts as missed, as in the recipe.
    if (ideal === 0) return 0;
    const found = rows.filter((row) => !Number.isNaN(scoreOf(row))).sort((a, b) => ascending(scoreOf(b), scoreOf(a)));
    return discountedGain(found.map(gradeOf)) / ideal;
  });
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Infinities of one sign are equal, which their difference is not. */
function ascending(a: number, b: number): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function discountedGain(grades: readonly number[]): number {
  return grades.slice(0, 10).reduce((sum, grade, rank) => sum + (2 ** grade - 1) / Math.log2(rank + 2), 0);
}
