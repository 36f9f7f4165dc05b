import { UsageError } from '../../errors';
import type { ChosenTarget } from '../chosen-target';
import { generatorLimits } from '../measure/generator-limits';
import { Latencies } from '../measure/latencies';
import { disturbance } from '../measure/other-load';
import type { ServiceUse } from '../measure/service-metrics';
import { judge } from '../measure/slo';
import { latencySummary } from '../report';
import { type Measured, measure, type Setting } from '../setting';
import { type Repeats, TooBusyError, tryUndisturbed } from './repeats';
import type { CapacityResult, TrialReport } from './report';
import { type Found, findCapacity, type HoldsAt } from './search';

/** A trial and what it used. */
export interface Trial {
  readonly report: TrialReport;
  readonly use: ServiceUse | undefined;
}

/** How long a rate is tried. */
export const DEFAULT_STEP_SECONDS = 4;
/** A confirmation is so many times as long as a step of the search. */
const CONFIRMATION = 2;

/** One rate for some seconds. */
export async function tryRate(
  setting: Setting,
  targets: readonly ChosenTarget[],
  qps: number,
  seconds: number,
): Promise<Trial> {
  const stretches = [{ seconds, fromQps: qps, toQps: qps }];
  const measured = await measure(setting, { targets, stretches, warmUpSeconds: setting.flags.warmUp });
  if (setting.signal.aborted) throw new UsageError('stopped before the capacity was found');
  return { report: trialReport(targets, qps, seconds, measured), use: measured.use };
}

function trialReport(
  targets: readonly ChosenTarget[],
  qps: number,
  seconds: number,
  { outcome: { recorders, outstandingAtEnd, generator }, use, others }: Measured,
): TrialReport {
  const all = new Latencies();
  for (const { latencies } of recorders) all.add(latencies);
  const slo = recorders.flatMap((recorder, i) => {
    const target = targets[i];
    // In a mix, a target of a small part may get no request in a short trial.
    if (target?.slo === undefined || recorder.offered === 0) return [];
    return judge(target.slo, recorder.latencies, recorder.lost);
  });
  return {
    qps,
    answeredQps: all.count / seconds,
    latencyMs: latencySummary(all),
    lost: recorders.reduce((sum, { lost }) => sum + lost, 0),
    holds: slo.length > 0 && slo.every(({ holds }) => holds) && outstandingAtEnd <= backlogAllowed(targets, qps),
    slo,
    // The warm-up is in the metrics, so it is set against its requests, too.
    cpuSecondsPerRequest: use && use.cpuSeconds / Math.max(1, generator.sent),
    cores: use && (qps * use.cpuSeconds) / Math.max(1, generator.sent),
    generatorLimits: generatorLimits(generator),
    disturbance: disturbance(others),
  };
}

/**
 * Requests that may be on their way at the end: by Little's law, as many as come within the latency allowed. More means a
 * queue that grows, whose latency has only not reached the SLO yet.
 */
function backlogAllowed(targets: readonly ChosenTarget[], qps: number): number {
  const limits = targets.flatMap(({ slo }) => slo?.percentiles.map(({ maxMs }) => maxMs) ?? []);
  return Math.max(2, (qps * Math.max(0, ...limits)) / 1000);
}

/** What all searches of a command have in common. */
export interface SearchContext {
  onTrial(name: string, trial: TrialReport): void;
  readonly repeats: Repeats;
}

/** The capacity of targets together, and every trial that led to it. */
export async function capacityOf(
  setting: Setting,
  name: string,
  targets: readonly ChosenTarget[],
  { startQps, maxQps }: { readonly startQps: number; readonly maxQps: number },
  { onTrial, repeats }: SearchContext,
): Promise<{ result: CapacityResult; use: ServiceUse | undefined }> {
  const { stepSeconds = DEFAULT_STEP_SECONDS } = setting.flags;
  const trials: TrialReport[] = [];
  let confirmed: Trial | undefined;
  const holdsAt: HoldsAt = async (qps, effort) => {
    const seconds = effort === 'confirm' ? CONFIRMATION * stepSeconds : stepSeconds;
    const tryOnce = async () => {
      const trial = await tryRate(setting, targets, qps, seconds);
      trials.push(trial.report);
      onTrial(name, trial.report);
      return trial;
    };
    const trial = await tryUndisturbed(tryOnce, repeats);
    if (effort === 'confirm' && trial.report.holds) confirmed = trial;
    return trial.report.holds;
  };
  const { capacityQps, atLeast, tooBusy } = await foundOrTooBusy(findCapacity(holdsAt, { startQps, maxQps }));
  const misses = trials.filter(({ holds }) => !holds);
  const heldBack = misses.some(({ generatorLimits }) => generatorLimits.length > 0);
  return {
    result: {
      name,
      digest: targets.length === 1 ? targets[0]?.digest : undefined,
      capacityQps,
      limitedBy: atLeast ? 'max-rate' : tooBusy ? 'others' : heldBack ? 'generator' : undefined,
      trials,
      atCapacity: capacityQps === undefined ? undefined : confirmed?.report,
    },
    use: confirmed?.use,
  };
}

async function foundOrTooBusy(search: Promise<Found>): Promise<Found & { readonly tooBusy: boolean }> {
  try {
    return { ...(await search), tooBusy: false };
  } catch (error) {
    if (!(error instanceof TooBusyError)) throw error;
    return { capacityQps: undefined, atLeast: false, tooBusy: true };
  }
}
