import type { ChosenTarget } from './chosen-target';
import { type DriveOutcome, drive, type Progress } from './drive';
import type { LoadFlags } from './flags';
import { isLoopback } from './http/endpoint';
import { busySeconds, otherCores } from './measure/other-load';
import { readMetrics, type ServiceUse, useBetween } from './measure/service-metrics';
import { type LoadSlo, parseSlo } from './measure/slo';
import { monotonicMs } from './schedule/clock';
import type { Pacer } from './schedule/pacer';
import type { Random } from './schedule/random';
import type { Stretch } from './schedule/rate-profile';
import type { Destination } from './targets/destination';
import type { PreparedTarget } from './targets/prepared-target';

/** Everything that a piece of load needs beside its rates and targets. */
export interface Setting {
  readonly destination: Destination;
  readonly flags: LoadFlags;
  readonly random: Random;
  /** When the run began, milliseconds since the epoch. */
  readonly startedMs: number;
  readonly startPacer: (onTime: () => void) => Promise<Pacer>;
  /** Ends the load early. */
  readonly signal: AbortSignal;
}

/** What to load and for how long. */
export interface Piece {
  readonly targets: readonly ChosenTarget[];
  readonly stretches: readonly Stretch[];
  readonly warmUpSeconds: number;
  readonly onSecond?: (progress: Progress) => void;
}

/** What came of a piece of load. */
export interface Measured {
  readonly outcome: DriveOutcome;
  readonly use: ServiceUse | undefined;
  /** Cores of this machine that other programs kept busy; undefined where it cannot be told. */
  readonly others: number | undefined;
}

/** Loads the targets, and reads what the service used meanwhile where its metrics can be reached. */
export async function measure(
  { destination, flags, random, startPacer, signal }: Setting,
  { targets, stretches, warmUpSeconds, onSecond }: Piece,
): Promise<Measured> {
  const { adminUrl, endpoint, local } = destination;
  const metricsOf = (url: string) => readMetrics(local === undefined ? '--admin-url' : 'the service of --local', url);
  const startedMs = monotonicMs();
  const busyBefore = busySeconds();
  const ownBefore = process.cpuUsage();
  const before = adminUrl === undefined ? undefined : await metricsOf(adminUrl);
  const outcome = await drive({
    endpoint,
    pool: { maxConnections: flags.connections, timeoutMs: flags.timeoutMs },
    targets,
    stretches,
    arrivals: flags.arrivals,
    warmUpSeconds,
    random,
    startPacer,
    signal,
    ...(onSecond === undefined ? {} : { onSecond }),
  });
  const use =
    adminUrl === undefined || before === undefined ? undefined : useBetween(before, await metricsOf(adminUrl));
  const { user, system } = process.cpuUsage(ownBefore);
  const own = (user + system) / 1e6 + (use?.cpuSeconds ?? 0);
  const wallSeconds = (monotonicMs() - startedMs) / 1000;
  // Where the service is elsewhere or does not tell what it uses, it cannot be told from other programs.
  const others = use && isLoopback(endpoint) ? otherCores(busySeconds() - busyBefore, own, wallSeconds) : undefined;
  return { outcome, use, others };
}

/** The targets of --slo: those that are given, else those of the spec or the model; undefined without the flag. */
export function sloOf(target: PreparedTarget, slo: LoadFlags['slo']): LoadSlo | undefined {
  if (typeof slo === 'string') return parseSlo(slo);
  if (slo === undefined || target.slo === undefined) return undefined;
  return { percentiles: [{ percentile: 95, maxMs: target.slo.p95Ms }], maxLostShare: undefined };
}

/** Its part of a mix: requests/s at its peak by the spec, or all alike where the spec does not tell. */
export function weightOf({ model }: PreparedTarget, { spec }: Destination): number {
  return spec?.models.find(({ name }) => name === model)?.peakQps || 1;
}
