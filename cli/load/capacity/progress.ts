import { counted } from '../../../lib/spec/counted';
import type { TrialReport } from './report';
import { trialLine } from './text';

/** What is told while the search takes its minutes. */
export interface SearchProgress {
  /** @param expectedSeconds on a quiet machine */
  begin(expectedSeconds: number): void;
  onTrial(name: string, trial: TrialReport): void;
}

/** What a search consists of. */
export interface SearchSize {
  readonly models: number;
  /** Numbers of cores on which each is searched for again. */
  readonly coreCounts: number;
  readonly stepSeconds: number;
  readonly warmUpSeconds: number;
}

/** Trials of a search without disturbance, as many as simulated ones took in the mean; one to confirm takes two steps. */
const TYPICAL_TRIALS = { search: 18, confirm: 3, latency: 15 } as const;

/** Seconds that a search takes on a quiet machine, about. */
export function expectedSeconds({ models, coreCounts, stepSeconds, warmUpSeconds }: SearchSize): number {
  const { search, confirm, latency } = TYPICAL_TRIALS;
  const trialSeconds = stepSeconds + warmUpSeconds;
  const searchSeconds = search * trialSeconds + confirm * (trialSeconds + stepSeconds);
  const mixes = models > 1 ? 1 : 0;
  return (models * (1 + coreCounts) + mixes) * searchSeconds + models * latency * trialSeconds;
}

/** Tells a line at the beginning and one a trial, numbered for each name. */
export function searchProgress(write: (line: string) => void): SearchProgress {
  const trials = new Map<string, number>();
  return {
    begin: (seconds) => {
      const minutes = Math.max(1, Math.round(seconds / 60));
      write(`this takes about ${counted(minutes, 'minute')} on a quiet machine, and longer on a busy one`);
    },
    onTrial: (name, trial) => {
      const n = (trials.get(name) ?? 0) + 1;
      trials.set(name, n);
      write(trialLine(name, n, trial));
    },
  };
}
