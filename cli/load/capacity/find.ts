import { UsageError } from '../../errors';
import { type ChosenTarget, chooseTarget } from '../chosen-target';
import { isLoopback } from '../http/endpoint';
import { thisMachine } from '../measure/machine';
import { type Setting, sloOf, weightOf } from '../setting';
import type { PreparedTarget } from '../targets/prepared-target';
import { coresToTry, measureCoreScaling, type OpenOnCores } from './core-scaling';
import { measureLatency } from './latency';
import { expectedSeconds, type SearchProgress } from './progress';
import { Repeats } from './repeats';
import type { CapacityReport, CapacityResult, ModelCapacity } from './report';
import { fitServiceTime, measureAlone } from './service-time';
import { capacityOf, DEFAULT_STEP_SECONDS, type SearchContext, tryRate } from './trials';

/** The search raises rates by itself, so what it may do to a service that is not on this machine is bounded. */
const MAX_QPS = { loopback: 100_000, elsewhere: 1000 } as const;
/** Trials of a model, on any number of cores, that may be made again because of other programs. */
const REPEATS_A_MODEL = 12;
/** Inputs of requests sent alone, far from those that the trials ask for. */
const ALONE_KEYS = 5e8;

/** Finds the capacity of each target, and of all together. @throws UsageError for a target without an SLO */
export async function findCapacities(
  setting: Setting,
  progress: SearchProgress,
  openOnCores: OpenOnCores,
): Promise<Omit<CapacityReport, 'at' | 'warnings'>> {
  const { destination, flags } = setting;
  const machine = thisMachine();
  const counts = destination.local === undefined ? [] : coresToTry(flags.cores, machine);
  const targets = destination.targets.map((target) => ({ target, chosen: withSlo(setting, target) }));
  const { stepSeconds = DEFAULT_STEP_SECONDS, warmUp: warmUpSeconds } = flags;
  progress.begin(expectedSeconds({ models: targets.length, coreCounts: counts.length, stepSeconds, warmUpSeconds }));
  const context = { onTrial: progress.onTrial, repeats: new Repeats(REPEATS_A_MODEL * targets.length) };
  const measured: ModelCapacity[] = [];
  for (const { target, chosen } of targets) measured.push(await measureModel(setting, target, chosen, context));
  const choose = (other: Setting) =>
    other.destination.targets.map((target) => ({ name: target.name, chosen: withSlo(other, target) }));
  const scaling = await measureCoreScaling(counts, measured, { setting, open: openOnCores, choose, context });
  const models = measured.map((model) => ({ ...model, coreScaling: scaling.get(model.name) ?? [] }));
  return {
    report: 'capacity',
    url: destination.baseUrl,
    machine,
    models,
    mix: await measureMix(
      setting,
      targets.map(({ chosen }) => chosen),
      models,
      context,
    ),
  };
}

function withSlo(setting: Setting, target: PreparedTarget): ChosenTarget {
  const { destination, flags, random, startedMs } = setting;
  const slo = sloOf(target, flags.slo ?? true);
  if (slo === undefined) {
    throw new UsageError(
      `--find-capacity: no SLO of ${target.name} is known, expected targets such as --slo p95=100ms`,
    );
  }
  return chooseTarget(target, { ...flags, startedMs }, random, weightOf(target, destination), slo);
}

async function measureModel(
  setting: Setting,
  target: PreparedTarget,
  chosen: ChosenTarget,
  context: SearchContext,
): Promise<ModelCapacity> {
  const { destination, flags } = setting;
  const alone = await measureAlone(target, destination.endpoint, flags.timeoutMs, ALONE_KEYS, setting.signal);
  const aloneMs = alone[0]?.medianMs ?? 10;
  const rates = { startQps: Math.max(1, 1000 / aloneMs), maxQps: maxQpsOf(setting) };
  const { result, use } = await capacityOf(setting, target.name, [chosen], rates, context);
  const { capacityQps } = result;
  const latency =
    capacityQps === undefined
      ? []
      : await measureLatency(capacityQps, async (qps) => {
          const seconds = flags.stepSeconds ?? DEFAULT_STEP_SECONDS;
          const { report } = await tryRate(setting, [chosen], qps, seconds);
          context.onTrial(target.name, report);
          return report;
        });
  const readySeconds = destination.local?.readySeconds;
  return {
    ...result,
    latency: result.atCapacity === undefined ? latency : [...latency, result.atCapacity],
    settings: target.settings,
    serviceTime: fitServiceTime(alone),
    cacheHitRatio: use?.cacheHitRatio,
    batchRows: use?.batchRows,
    coreScaling: [],
    memoryBytes: use?.memoryBytes,
    coldStartSeconds: readySeconds === undefined ? undefined : readySeconds + target.firstAnswerSeconds,
    profile: undefined,
  };
}

async function measureMix(
  setting: Setting,
  targets: readonly ChosenTarget[],
  models: readonly ModelCapacity[],
  context: SearchContext,
): Promise<CapacityResult | undefined> {
  if (targets.length < 2 || models.some(({ capacityQps }) => capacityQps === undefined)) return undefined;
  // Each request of a model takes its share of a replica, 1/capacity; half of what that gives is a rate that holds.
  const weight = targets.reduce((sum, target) => sum + target.weight, 0);
  const share = targets.reduce((sum, target, i) => sum + target.weight / (models[i]?.capacityQps ?? 1), 0);
  const rates = { startQps: weight / share / 2, maxQps: maxQpsOf(setting) };
  return (await capacityOf(setting, 'mix', targets, rates, context)).result;
}

function maxQpsOf({ destination, flags }: Setting): number {
  return flags.maxRate ?? (isLoopback(destination.endpoint) ? MAX_QPS.loopback : MAX_QPS.elsewhere);
}
