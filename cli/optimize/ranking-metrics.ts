/** Probability that a positive row scores higher than a negative one, ties counting half (Mann-Whitney U). */
export function areaUnderRoc(scores: readonly number[], positive: readonly boolean[]): number {
  let [wins, pairs] = [0, 0];
  for (const [i, score] of scores.entries()) {
    if (positive[i] !== true) continue;
    for (const [j, other] of scores.entries()) {
      if (positive[j] !== false) continue;
      pairs++;
      wins += score > other ? 1 : score === other ? 0.5 : 0;
    }
  }
  return wins / pairs;
}

/** Mean over the groups of the discounted gain of the ten best, gain 2^grade − 1, against the best possible order. */
export function ndcgAt10(scores: readonly number[], grades: readonly number[], groups: readonly number[]): number {
  const values: number[] = [];
  for (const group of new Set(groups)) {
    const rows = [...scores.keys()].filter((row) => groups[row] === group);
    const gradeOf = (row: number) => grades[row] ?? 0;
    const ideal = discountedGain(rows.map(gradeOf).sort((a, b) => b - a));
    // A query without anything relevant counts as missed, as in the recipe.
    if (ideal === 0) {
      values.push(0);
      continue;
    }
    const ranked = [...rows].sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
    values.push(discountedGain(ranked.map(gradeOf)) / ideal);
  }
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function discountedGain(grades: readonly number[]): number {
  return grades.slice(0, 10).reduce((sum, grade, rank) => sum + (2 ** grade - 1) / Math.log2(rank + 2), 0);
}
