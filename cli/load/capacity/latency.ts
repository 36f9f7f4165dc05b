import type { TrialReport } from './report';

/** Where latency is measured on the way to the capacity. */
const SHARES = [0.1, 0.3, 0.5, 0.7, 0.85];
/** Times that each is measured. */
const TURNS = 3;

/**
 * Latency below the capacity. Each rate is tried several times, in turn with the others, and the trial with the median
 * p95 counts, of those in which other programs left the machine alone where there are any: a bad moment of the machine
 * spoils a trial, not a rate.
 * @returns in rising order of the rates
 */
export async function measureLatency(
  capacityQps: number,
  tryOnce: (qps: number) => Promise<TrialReport>,
): Promise<TrialReport[]> {
  const trials: TrialReport[][] = SHARES.map(() => []);
  for (let turn = 0; turn < TURNS; turn++) {
    for (const [i, share] of SHARES.entries()) trials[i]?.push(await tryOnce(share * capacityQps));
  }
  return trials.flatMap((ofRate) => {
    const undisturbed = ofRate.filter(({ disturbance }) => disturbance === undefined);
    return medianTrial(undisturbed.length > 0 ? undisturbed : ofRate) ?? [];
  });
}

/** Of an even number the slower of the two in the middle. */
function medianTrial(trials: readonly TrialReport[]): TrialReport | undefined {
  const p95 = ({ latencyMs }: TrialReport) => latencyMs.p95 ?? Number.POSITIVE_INFINITY;
  return [...trials].sort((a, b) => p95(a) - p95(b))[Math.floor(trials.length / 2)];
}
