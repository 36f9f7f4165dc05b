import { median } from '../statistics';

/** What was measured of a candidate against the original, each ratio as original / candidate, so that above 1 is better. */
export interface Comparison {
  /** Ratios of the latency of one row, one a round. */
  readonly latency: readonly number[];
  /** Ratios of the throughput per thread at the best batch, one a round. */
  readonly throughput: readonly number[];
  /** Share of quality lost, or 1 − agreement where there are no labels; undefined where it could not be taken. */
  readonly loss: number | undefined;
}

export type Change = 'faster' | 'slower' | 'same';

/** Whether a candidate may be recommended, and if not why. */
export type Outcome =
  | 'pays'
  /** Faster in one, slower in the other. */
  | 'mixed'
  | 'no gain'
  | 'slower'
  | 'loses too much'
  /** Nothing real was there to judge the outputs by. */
  | 'unproven'
  /** Changes nothing that is adopted; shown for comparison. */
  | 'comparison';

export interface Verdict {
  readonly outcome: Outcome;
  readonly latency: Change;
  readonly throughput: Change;
  /** Medians of the rounds. */
  readonly latencySpeedup: number;
  readonly throughputSpeedup: number;
}

export interface VerdictRules {
  /** Greatest loss allowed, as a share. */
  readonly maxLoss: number;
  /** Difference from 1 that two copies of the original showed: nothing closer is a difference. */
  readonly noise: number;
  /** False where outputs were compared on made-up inputs only, which says little about a model whose numbers changed. */
  readonly isProof: boolean;
}

/** Gains below this share are not worth a new version, however surely measured. */
const MIN_GAIN = 0.05;
/** How many times the difference between two equal copies a difference must be. */
const NOISE_FACTOR = 2;
/** Share of the rounds that must agree; 8 of 9 happen by chance in 2 of 100 cases (sign test). */
const AGREEING_ROUNDS = 0.85;

/** What to hold of a candidate. Never `pays` for one that is slower in anything, or loses more than is allowed. */
export function judge({ latency, throughput, loss }: Comparison, rules: VerdictRules): Verdict {
  const changes = { latency: changeOf(latency, rules.noise), throughput: changeOf(throughput, rules.noise) };
  return {
    outcome: outcomeOf(changes, loss, rules),
    ...changes,
    latencySpeedup: median(latency),
    throughputSpeedup: median(throughput),
  };
}

function outcomeOf(
  { latency, throughput }: Pick<Verdict, 'latency' | 'throughput'>,
  loss: number | undefined,
  { maxLoss, isProof }: VerdictRules,
): Outcome {
  // Written so that what is no number loses, here and below.
  if (loss !== undefined && !(loss <= maxLoss)) return 'loses too much';
  const both = [latency, throughput];
  if (both.includes('faster') && both.includes('slower')) return 'mixed';
  if (both.includes('slower')) return 'slower';
  if (!both.includes('faster')) return 'no gain';
  return loss === undefined || !isProof ? 'unproven' : 'pays';
}

/** Further from 1 than noise is, in the median; who is called faster must be so in nearly every round as well. */
function changeOf(ratios: readonly number[], noise: number): Change {
  const threshold = 1 + Math.max(MIN_GAIN, NOISE_FACTOR * noise);
  const middle = median(ratios);
  const share = ratios.filter((ratio) => ratio > 1).length / ratios.length;
  if (middle >= threshold && share >= AGREEING_ROUNDS) return 'faster';
  return middle > 1 / threshold ? 'same' : 'slower';
}

/** Those that pay, best first: by the product of both speed-ups. */
export function ranked<T extends { readonly verdict: Verdict }>(candidates: readonly T[]): T[] {
  const gain = ({ verdict }: T) => verdict.latencySpeedup * verdict.throughputSpeedup;
  return candidates.filter(({ verdict }) => verdict.outcome === 'pays').sort((a, b) => gain(b) - gain(a));
}
