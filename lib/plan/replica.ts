import { counted } from '../spec/counted';
import type { SpecModel, SpecPool } from '../spec/load';
import { ASSUMED_MODEL, LOAD_SHARE, type ModelNumbers } from './assumptions';
import { SloUnreachableError } from './errors';
import type { Figure } from './figure';
import { latencyCurve, type RatedLatency } from './latency';
import { leastCores, type ModelRuns, runFigures, runsOf, type SettingsByModel } from './model-runs';
import type { ModelTime } from './model-time';
import { type Profile, profileFile } from './profile';
import { type ReplicaSize, replicaSize } from './size';

/** What one replica of a pool does with the pool's mix of models. */
export interface Replica {
  /** Requests/s at which p95 reaches the SLO. */
  readonly capacityQps: number;
  /** Time of a request when nothing else runs. */
  readonly idleMs: number;
  /** At the share of its capacity that it is planned for: below, smaller batches make a request dearer; above, cheaper. */
  readonly cpuSecondsPerRequest: number;
  readonly cpuRequestMilli: number;
  /** From the creation of a pod to its first answer, on a node that has room. */
  readonly coldStartSeconds: number;
  /** p95 of the mix at rates below the capacity, where it was measured. */
  readonly latency?: readonly RatedLatency[];
}

/** A replica with what it is given, and where each number comes from. */
export interface PlannedReplica {
  readonly replica: Replica;
  readonly size: ReplicaSize;
  /** Cores busy at capacity. */
  readonly cpuCoresAtCapacity: number;
  readonly time: ModelTime;
  /** Of each model. */
  readonly runs: readonly ModelRuns[];
  /** True where every model with traffic has a profile. */
  readonly measured: boolean;
  readonly figures: readonly Figure[];
}

/** What is known of the models of a spec. */
export interface KnownModels {
  readonly models: readonly SpecModel[];
  readonly profiles: ReadonlyMap<string, Profile>;
  /** Default: none has settings of its own. */
  readonly settings?: SettingsByModel;
}

/** One model as it runs in a replica of the pool. */
interface ServedModel {
  readonly name: string;
  /** Share of the pool's requests. */
  readonly share: number;
  readonly numbers: ModelNumbers;
  readonly latency: readonly RatedLatency[];
  readonly sloMs: number | undefined;
  readonly profile: Profile | undefined;
}

/** Shares of the capacity at which the latency of a mix is worked out of that of its models. */
const LATENCY_SHARES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

/**
 * One replica serving the pool's models in the proportion of their peaks.
 * @param cores of the replica, one of {@link coreOptions}; default: what the models need at their capacity
 */
export function poolReplica(pool: SpecPool, known: KnownModels, cores?: number): PlannedReplica {
  const { settings = new Map() } = known;
  const served = servedModels(pool, known, cores);
  const names = served.map(({ name }) => name);
  const mean = (value: (numbers: ModelNumbers) => number): number =>
    served.reduce((sum, { share, numbers }) => sum + share * value(numbers), 0);
  // Each request of a model takes its share of a replica: 1/capacity.
  const capacityQps = 1 / mean((numbers) => 1 / numbers.capacityQps);
  const cpuCoresAtCapacity = capacityQps * mean((numbers) => numbers.cpuSecondsPerRequest);
  const cpuSecondsPerRequest = served.reduce((sum, model) => sum + model.share * plannedCpuSeconds(model), 0);
  const measuredMemory = served.map(({ profile }) => profile?.memoryBytes);
  const size = replicaSize({
    hardware: pool.hardware,
    cpuCoresAtCapacity,
    cores,
    leastCores: leastCores(pool, names, settings),
    measuredMemory,
  });
  const runs = names.map((name) => runsOf(name, size, settings));
  const latency = mixedLatency(served, capacityQps);
  const replica: Replica = {
    capacityQps,
    idleMs: mean(({ fixedMs, perRowMs }) => fixedMs + perRowMs),
    cpuSecondsPerRequest,
    cpuRequestMilli: size.cpuMillicores,
    coldStartSeconds: Math.max(...served.map(({ numbers }) => numbers.coldStartSeconds)),
    ...(latency.length === 0 ? {} : { latency }),
  };
  return {
    replica,
    size,
    cpuCoresAtCapacity,
    time: {
      fixedMs: mean(({ fixedMs }) => fixedMs),
      perRowMs: mean(({ perRowMs }) => perRowMs),
      batchRows: meanBatch(served),
    },
    runs,
    measured: served.every(({ profile }) => profile !== undefined),
    figures: [
      ...served.flatMap((model) => modelFigures(model)),
      ...runs.flatMap((run) => runFigures(run, size, settings.get(run.model))),
    ],
  };
}

/**
 * Replicas and nodes only shorten waiting; a request that alone takes longer than its SLO, or than the strictest SLO of
 * those that it shares a pool with, is late on any number of them.
 * @throws SloUnreachableError naming the first such model, how long it takes, and how that is known
 */
export function requireReachableSlo(pool: SpecPool, known: KnownModels): void {
  for (const { name, numbers, profile } of servedModels(pool, known, undefined)) {
    const own = known.models.find((model) => model.name === name)?.slo;
    const idleMs = numbers.fixedMs + numbers.perRowMs;
    if (pool.slo === undefined || own === undefined || idleMs < pool.slo.p95Ms) continue;
    const origin =
      profile === undefined
        ? "assumed: 'headroom load --local --find-capacity' measures it"
        : `measured: ${profileFile(name)}`;
    const takes = `a request takes ${Number(idleMs.toPrecision(3))} ms even alone (${origin})`;
    throw new SloUnreachableError(
      idleMs < own.p95Ms
        ? `the SLO of the pool ${pool.name}, p95 ${pool.slo.p95Ms} ms, cannot be met by ${name}: ${takes}; a pool of its own gives it its own, ${own.p95Ms} ms`
        : `the SLO of ${name}, p95 ${own.p95Ms} ms, cannot be met: ${takes}; a faster model (headroom optimize) or a looser SLO is needed`,
    );
  }
}

/** CPU seconds of a request at the planned share of the capacity: on the straight line between the rates around it. */
function plannedCpuSeconds({ numbers, profile }: ServedModel): number {
  const points = (profile?.latency ?? []).flatMap(({ qps, cpuSecondsPerRequest }) =>
    cpuSecondsPerRequest === undefined
      ? []
      : [{ share: qps / (profile?.capacityQps ?? qps), seconds: cpuSecondsPerRequest }],
  );
  const above = points.find(({ share }) => share >= LOAD_SHARE);
  const below = points.findLast(({ share }) => share < LOAD_SHARE);
  if (above === undefined || below === undefined) return above?.seconds ?? numbers.cpuSecondsPerRequest;
  const part = (LOAD_SHARE - below.share) / (above.share - below.share);
  return below.seconds + part * (above.seconds - below.seconds);
}

/** Undefined where one model's batches were not measured. */
function meanBatch(served: readonly ServedModel[]): number | undefined {
  const batches = served.flatMap(({ share, profile }) =>
    profile?.batchRows === undefined ? [] : share * profile.batchRows,
  );
  return batches.length < served.length ? undefined : batches.reduce((sum, rows) => sum + rows, 0);
}

/**
 * Cores of which every model of a pool was measured, as many as one run of any takes; empty where one was not. A GPU's
 * replicas are not made of cores.
 */
export function coreOptions(pool: SpecPool, { models, profiles, settings = new Map() }: KnownModels): number[] {
  const served = models.filter((model) => model.pool === pool.name && (model.peakQps > 0 || pool.peakQps === 0));
  const measured = served.map(({ name }) => usableProfile(pool, profiles.get(name))?.coreScaling ?? []);
  const [first = [], ...others] = measured.map((points) => points.map(({ cores }) => cores));
  if (pool.hardware === 'gpu') return [];
  const names = served.map(({ name }) => name);
  const least = leastCores(pool, names, settings);
  return first.filter((cores) => cores >= least && others.every((list) => list.includes(cores)));
}

/** A profile that was measured on what the pool runs on: the numbers of a CPU say nothing of a GPU. */
export function usableProfile(pool: SpecPool, profile: Profile | undefined): Profile | undefined {
  const onGpu = profile?.machine.gpu !== undefined;
  return onGpu === (pool.hardware === 'gpu') ? profile : undefined;
}

function servedModels(pool: SpecPool, { models, profiles }: KnownModels, cores: number | undefined): ServedModel[] {
  const ofPool = models.filter((model) => model.pool === pool.name);
  const busy = pool.peakQps > 0 ? ofPool.filter(({ peakQps }) => peakQps > 0) : ofPool;
  return busy.map(({ name, peakQps }) => {
    const share = pool.peakQps > 0 ? peakQps / pool.peakQps : 1 / busy.length;
    const profile = usableProfile(pool, profiles.get(name));
    if (profile === undefined) {
      const numbers = ASSUMED_MODEL[pool.hardware];
      return { name, share, numbers, latency: [], sloMs: pool.slo?.p95Ms, profile };
    }
    return { name, share, ...measuredNumbers(profile, pool.slo?.p95Ms, cores), profile };
  });
}

/** The numbers of a profile, at the SLO of the pool where that is stricter than the one it was measured at. */
function measuredNumbers(
  profile: Profile,
  poolSloMs: number | undefined,
  cores: number | undefined,
): { numbers: ModelNumbers; latency: RatedLatency[]; sloMs: number } {
  const { serviceTime, cpuSecondsPerRequest, coldStartSeconds, coreScaling = [] } = profile;
  const atCores = coreScaling.find((point) => point.cores === cores)?.capacityQps ?? profile.capacityQps;
  const scale = atCores / profile.capacityQps;
  const latency = (profile.latency ?? []).map(({ qps, p95Ms }) => ({ qps: qps * scale, p95Ms }));
  const sloMs = Math.min(poolSloMs ?? profile.slo.p95Ms, profile.slo.p95Ms);
  const idleMs = serviceTime.fixedMs + serviceTime.perRowMs;
  const curve = { capacityQps: atCores, sloMs: profile.slo.p95Ms, idleMs, points: latency };
  const stricter = sloMs < profile.slo.p95Ms && idleMs < sloMs;
  const capacityQps = stricter ? latencyCurve(curve).qpsAt(sloMs) : atCores;
  return { numbers: { ...serviceTime, cpuSecondsPerRequest, coldStartSeconds, capacityQps }, latency, sloMs };
}

/**
 * p95 of a mix at shares of its capacity: the mean of its models' at the same share of theirs, by their requests.
 * Empty where nothing was measured; the queue alone draws the curve then.
 */
function mixedLatency(served: readonly ServedModel[], capacityQps: number): RatedLatency[] {
  if (served.every(({ latency }) => latency.length === 0)) return [];
  return LATENCY_SHARES.map((share) => ({
    qps: share * capacityQps,
    p95Ms: served.reduce((sum, model) => sum + model.share * modelP95(model, share), 0),
  }));
}

function modelP95({ numbers, latency, sloMs }: ServedModel, share: number): number {
  const idleMs = numbers.fixedMs + numbers.perRowMs;
  if (sloMs === undefined || idleMs >= sloMs) return idleMs;
  const { capacityQps } = numbers;
  return latencyCurve({ capacityQps, sloMs, idleMs, points: latency }).p95Ms(share * capacityQps);
}

function modelFigures({ name, numbers, profile, sloMs }: ServedModel): Figure[] {
  const { capacityQps, fixedMs, perRowMs, cpuSecondsPerRequest, coldStartSeconds } = numbers;
  const origin =
    profile === undefined
      ? ({ source: 'assumed', detail: 'no profile' } as const)
      : ({
          source: 'measured',
          detail: `${profileFile(name)}, ${profile.machine.cpu}, ${profile.measuredAt}`,
        } as const);
  return [
    {
      name: `${name}: capacity of a replica at p95 ${sloMs ?? '?'} ms`,
      value: capacityQps,
      unit: 'requests/s',
      ...origin,
    },
    { name: `${name}: time of one row alone`, value: fixedMs + perRowMs, unit: 'ms', ...origin },
    { name: `${name}: CPU per request`, value: cpuSecondsPerRequest * 1000, unit: 'ms', ...origin },
    { name: `${name}: cold start of a replica`, value: coldStartSeconds, unit: 's', ...origin },
  ];
}

/** What speaks against using profiles as they are: another artifact than the one deployed, or different machines. */
export function profileWarnings(
  profiles: readonly Profile[],
  deployedDigest: (model: string) => string | undefined,
): string[] {
  const warnings: string[] = [];
  for (const { model, artifactDigest } of profiles) {
    const deployed = deployedDigest(model);
    if (deployed === undefined || deployed === artifactDigest) continue;
    warnings.push(
      `the profile of ${model} was measured with the artifact ${artifactDigest.slice(0, 12)}, deployed is ${deployed.slice(0, 12)}: measure again`,
    );
  }
  const machines = new Set(profiles.map(({ machine }) => `${machine.cpu} (${counted(machine.cores, 'core')})`));
  if (machines.size > 1) {
    warnings.push(
      `the profiles come from different machines (${[...machines].join(', ')}): their numbers do not compare`,
    );
  }
  return warnings;
}
