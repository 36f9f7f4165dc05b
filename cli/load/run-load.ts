import { UsageError } from '../errors';
import { chooseTarget } from './chosen-target';
import type { Progress } from './drive';
import { disturbance } from './measure/other-load';
import { type LoadReport, reportOf } from './report';
import type { Traffic } from './schedule/traffic';
import { measure, type Setting, sloOf, weightOf } from './setting';

/** Loads what the flags ask for, and reports. @throws UsageError for flags that do not fit each other or the target */
export async function runLoad(
  setting: Setting,
  traffic: Traffic,
  onSecond: (progress: Progress) => void,
): Promise<LoadReport> {
  const { destination, flags, random, startedMs } = setting;
  const targets = destination.targets.map((target) => {
    const slo = sloOf(target, flags.slo);
    if (flags.slo !== undefined && slo === undefined) {
      throw new UsageError(`--slo: no SLO of ${target.name} is known, expected targets such as --slo p95=100ms`);
    }
    return chooseTarget(target, { ...flags, startedMs }, random, weightOf(target, destination), slo);
  });
  const at = new Date().toISOString();
  const { stretches, description } = traffic;
  const { outcome, use, others } = await measure(setting, {
    targets,
    stretches,
    warmUpSeconds: flags.warmUp,
    onSecond,
  });
  if (outcome.stopped && outcome.measuredSeconds === 0) throw new UsageError('stopped before anything was measured');
  return reportOf(outcome, targets, use, {
    at,
    url: destination.baseUrl,
    traffic: description,
    arrivals: flags.arrivals,
    disturbance: disturbance(others),
  });
}
