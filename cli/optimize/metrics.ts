import { areaUnderRoc, ndcgAt10 } from './ranking-metrics';

/** How good predictions are, against labels. */
interface Metric {
  readonly title: string;
  /** What an error is measured in: a share of 1, where more is better, or of the original's, where less is. */
  readonly better: 'higher' | 'lower';
}

export const METRICS = {
  accuracy: { title: 'share of rows with the right label first', better: 'higher' },
  auc: { title: 'chance that a positive row scores above a negative one', better: 'higher' },
  'hit-rate@5': { title: 'share of rows with the right label among the first five', better: 'higher' },
  'ndcg@10': { title: 'order of the first ten rows of a group, by their grades', better: 'higher' },
  rmse: { title: 'root of the mean squared error', better: 'lower' },
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof METRICS;

export const METRIC_NAMES: readonly MetricName[] = Object.keys(METRICS).flatMap((name) => metricNamed(name) ?? []);

export function metricNamed(name: unknown): MetricName | undefined {
  return typeof name === 'string' && isMetric(name) ? name : undefined;
}

function isMetric(name: string): name is MetricName {
  return Object.hasOwn(METRICS, name);
}

/** What a model answered, one row after the other. */
export interface Answers {
  /** Scores of a row's labels; one score where the model gives one number. */
  readonly scores: readonly (readonly number[])[];
  /** Names of the labels, in the order of the scores; undefined where only their positions are known. */
  readonly labels: readonly string[] | undefined;
}

export interface Truth {
  readonly labels: readonly unknown[];
  readonly groups: readonly unknown[] | undefined;
}

/**
 * The metric that suits answers and labels: accuracy for several scores a row; for one, the area under the curve
 * where labels are only 0 and 1, else the error.
 */
export function suitingMetric({ scores }: Answers, { labels, groups }: Truth): MetricName {
  if ((scores[0]?.length ?? 1) > 1) return 'accuracy';
  if (groups !== undefined) return 'ndcg@10';
  return labels.every((label) => Number(label) === 0 || Number(label) === 1) ? 'auc' : 'rmse';
}

/**
 * @returns the value of the metric
 * @throws Error in one sentence where it cannot be taken of these labels
 */
export function evaluate(metric: MetricName, answers: Answers, truth: Truth): number {
  switch (metric) {
    case 'accuracy':
      return shareWithin(1, answers, truth);
    case 'hit-rate@5':
      return shareWithin(5, answers, truth);
    case 'auc': {
      const positive = truth.labels.map((label) => positionOf(label, answers.labels) === 1);
      if (new Set(positive).size !== 2) throw new Error('auc needs rows labelled 0 and rows labelled 1');
      return areaUnderRoc(lastScores(answers), positive);
    }
    case 'ndcg@10':
      if (truth.groups === undefined) throw new Error('ndcg@10 needs groups: name their column by --group');
      return ndcgAt10(lastScores(answers), truth.labels.map(numberOf), groupNumbers(truth.groups));
    case 'rmse': {
      const errors = lastScores(answers).map((score, i) => (score - numberOf(truth.labels[i])) ** 2);
      return Math.sqrt(errors.reduce((sum, error) => sum + error, 0) / errors.length);
    }
  }
}

/**
 * What is lost from one value of a metric to another, as a share; negative where something is gained. For errors the
 * growth as a share of the first. All is lost where there is no telling.
 */
export function lossOf(metric: MetricName, original: number, candidate: number): number {
  const loss = METRICS[metric].better === 'higher' ? original - candidate : growthOf(original, candidate);
  return Number.isNaN(loss) ? Number.POSITIVE_INFINITY : loss;
}

function growthOf(original: number, candidate: number): number {
  if (original === 0) return candidate === 0 ? 0 : Number.POSITIVE_INFINITY;
  return (candidate - original) / original;
}

function shareWithin(top: number, { scores, labels }: Answers, truth: Truth): number {
  const hits = scores.filter((row, i) => {
    const right = positionOf(truth.labels[i], labels);
    const score = row[right] ?? Number.NaN;
    // Of equal scores the first counts, as where an answer is sorted; what is no number comes before all.
    const behind = row.filter((other, j) => other < score || (other === score && j > right)).length;
    return !Number.isNaN(score) && row.length - 1 - behind < top;
  });
  return hits.length / scores.length;
}

/** Position of a label, given by its name or as a number. */
function positionOf(label: unknown, names: readonly string[] | undefined): number {
  const byName = names?.indexOf(String(label)) ?? -1;
  if (byName >= 0) return byName;
  const position = Number(label);
  if (!Number.isInteger(position) || position < 0 || (names !== undefined && position >= names.length)) {
    const allowed = names === undefined ? 'a position from 0' : `one of ${names.join(', ')}, or a position`;
    throw new Error(`found the label ${JSON.stringify(label)}, expected ${allowed}`);
  }
  return position;
}

/** Of two classes the second is the positive one. */
function lastScores({ scores }: Answers): number[] {
  return scores.map((row) => row.at(-1) ?? Number.NaN);
}

function numberOf(label: unknown): number {
  const number = Number(label);
  if (Number.isFinite(number)) return number;
  throw new Error(`found the label ${JSON.stringify(label)}, expected a number`);
}

function groupNumbers(groups: readonly unknown[]): number[] {
  const numbers = new Map<unknown, number>();
  return groups.map((group) => {
    const number = numbers.get(group) ?? numbers.size;
    numbers.set(group, number);
    return number;
  });
}
