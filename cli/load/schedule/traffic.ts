import { loadTrace } from '../../../lib/plan/simulate/trace';
import { UsageError } from '../../errors';
import { duration, number } from '../../report/numbers';
import type { Stretch } from './rate-profile';

/** What the flags say of the rates. */
export interface TrafficFlags {
  readonly rate?: number | undefined;
  readonly duration?: number | undefined;
  readonly rampTo?: number | undefined;
  readonly steps?: string | undefined;
  readonly trace?: string | undefined;
}

/** Rates over time, and their name for a person. */
export interface Traffic {
  readonly description: string;
  readonly stretches: readonly Stretch[];
  /** Highest rate in requests/s. */
  readonly peakQps: number;
}

/** Above it a rate is a slip of the finger, in requests/s. */
export const MAX_QPS = 1e6;
const DEFAULT_RATE_QPS = 100;
const DEFAULT_DURATION_SECONDS = 30;

/** The traffic that the flags ask for. @throws UsageError, or PlanInputError for a trace that cannot be used */
export function trafficOf(flags: TrafficFlags): Traffic {
  const { rate = DEFAULT_RATE_QPS, duration: seconds = DEFAULT_DURATION_SECONDS, rampTo, steps, trace } = flags;
  if (trace !== undefined) return traced(trace, flags);
  if (steps !== undefined) return stepped(steps, seconds, flags);
  const toQps = rampTo ?? rate;
  const description =
    rampTo === undefined
      ? `${number(rate)} requests/s for ${duration(seconds)}`
      : `${number(rate)} to ${number(rampTo)} requests/s over ${duration(seconds)}`;
  return { description, stretches: [{ seconds, fromQps: rate, toQps }], peakQps: Math.max(rate, toQps) };
}

function stepped(steps: string, seconds: number, { rate, rampTo }: TrafficFlags): Traffic {
  refuseOthers('--steps', { '--rate': rate, '--ramp-to': rampTo });
  const parts = steps.split(',');
  const wrong = parts.find((part) => part.trim() === '' || !(Number(part) >= 0 && Number(part) <= MAX_QPS));
  const rates = parts.map(Number);
  if (wrong !== undefined || Math.max(...rates) === 0) {
    const found = wrong === undefined || parts.length === 1 ? `is '${steps}'` : `has '${wrong}'`;
    throw new UsageError(`--steps ${found}, expected rates up to ${MAX_QPS}/s such as 100,200,400`);
  }
  const each = seconds / rates.length;
  return {
    description: `${rates.map(number).join(', ')} requests/s, ${duration(Number(each.toPrecision(3)))} each`,
    stretches: rates.map((qps) => ({ seconds: each, fromQps: qps, toQps: qps })),
    peakQps: Math.max(...rates),
  };
}

/** Each rate of a trace holds until the next. */
function traced(file: string, { rate, rampTo, steps, duration: given }: TrafficFlags): Traffic {
  refuseOthers('--trace', { '--rate': rate, '--ramp-to': rampTo, '--steps': steps });
  const { intervalSeconds, qps } = loadTrace(file);
  const kept = given === undefined ? qps : qps.slice(0, Math.max(1, Math.ceil(given / intervalSeconds)));
  const peakQps = Math.max(...kept);
  if (peakQps === 0) throw new UsageError(`--trace is '${file}', in which there is no request`);
  return {
    description: `the trace ${file}, ${duration(kept.length * intervalSeconds)}, peak ${number(peakQps)} requests/s`,
    stretches: kept.map((rateQps) => ({ seconds: intervalSeconds, fromQps: rateQps, toQps: rateQps })),
    peakQps,
  };
}

function refuseOthers(flag: string, others: Readonly<Record<string, unknown>>): void {
  const [other] = Object.entries(others).find(([, value]) => value !== undefined) ?? [];
  if (other !== undefined) throw new UsageError(`${flag} sets the rates, so ${other} cannot be given with it`);
}
