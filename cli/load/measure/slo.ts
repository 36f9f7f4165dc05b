import { UsageError } from '../../errors';
import type { Latencies } from './latencies';

/** Of 100 requests so many are to be answered within a time. */
interface PercentileTarget {
  readonly percentile: number;
  readonly maxMs: number;
}

/** What must hold for a run. */
export interface LoadSlo {
  /** Latency within which that many of 100 requests must be answered; those refused or failed were not. */
  readonly percentiles: readonly PercentileTarget[];
  /** Largest share of requests that may be refused or fail; undefined: only the percentiles count. */
  readonly maxLostShare: number | undefined;
}

/** One line of a verdict. */
export interface Judgement {
  /** `p95`, or `lost`. */
  readonly name: string;
  readonly unit: 'ms' | '%';
  readonly limit: number;
  /** Undefined where so many requests were lost that no answer stands at the percentile. */
  readonly value: number | undefined;
  readonly holds: boolean;
}

const PART = /^(?:p(?<percentile>\d{1,2}(?:\.\d{1,3})?)=(?<ms>\d+(?:\.\d+)?)(?:ms)?|lost=(?<lost>\d+(?:\.\d+)?)%)$/;

/** Reads targets such as `p95=100ms,p99=250ms,lost=0.1%`. @throws UsageError for anything else, and for two of a kind */
export function parseSlo(text: string): LoadSlo {
  const percentiles: PercentileTarget[] = [];
  let maxLostShare: number | undefined;
  for (const part of text.split(',')) {
    const target = parseTarget(part);
    if (target === undefined) {
      throw new UsageError(`--slo has '${part}', expected targets such as p95=100ms,p99=250ms,lost=0.1%`);
    }
    const isSecond =
      'maxMs' in target
        ? percentiles.some(({ percentile }) => percentile === target.percentile)
        : maxLostShare !== undefined;
    if (isSecond) throw new UsageError(`--slo has '${part}', but another target of the kind before it`);
    if ('maxMs' in target) percentiles.push(target);
    else maxLostShare = target.maxLostShare;
  }
  return { percentiles, maxLostShare };
}

/** Undefined for text that is no target, or one that nothing could meet or miss. */
function parseTarget(text: string): PercentileTarget | { readonly maxLostShare: number } | undefined {
  const groups = PART.exec(text.trim())?.groups;
  if (groups?.lost !== undefined) {
    const maxLostShare = Number(groups.lost) / 100;
    return maxLostShare <= 1 ? { maxLostShare } : undefined;
  }
  const [percentile, maxMs] = [Number(groups?.percentile), Number(groups?.ms)];
  return percentile > 0 && maxMs > 0 ? { percentile, maxMs } : undefined;
}

/** Whether an SLO holds for what was measured, target by target. */
export function judge(slo: LoadSlo, latencies: Latencies, lost: number): Judgement[] {
  const judgements = slo.percentiles.map(({ percentile, maxMs }): Judgement => {
    const value = latencies.percentileMs(percentile, lost);
    const holds = value !== undefined && value <= maxMs;
    return { name: `p${percentile}`, unit: 'ms', limit: maxMs, value, holds };
  });
  if (slo.maxLostShare === undefined) return judgements;
  const asked = latencies.count + lost;
  const share = asked === 0 ? 0 : lost / asked;
  const holds = share <= slo.maxLostShare;
  return [...judgements, { name: 'lost', unit: '%', limit: 100 * slo.maxLostShare, value: 100 * share, holds }];
}
