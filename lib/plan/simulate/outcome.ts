import { dirname, join } from 'node:path';
import type { Spec, SpecPool } from '../../spec/load';
import type { Slo } from '../../spec/use-cases';
import { newestDigest } from '../artifact';
import { findProfile, type Profile } from '../profile';
import { CPU_REQUEST_MILLI, type Figure, poolReplica, profileWarnings, type Replica } from '../replica';
import { poolHpa, SCALING_BEHAVIOR } from '../scaling';
import { type Advice, advise, holds } from './advice';
import { type Nodes, type PoolRun, simulatePool } from './pool-run';
import type { Traffic } from './traffic';

/** What a person may set besides spec and traffic. */
export interface SimulationOptions {
  /** Factor on today's peak. */
  readonly growth: number;
  /** Share of requests that the prediction cache answers. */
  readonly cacheHitRatio: number | undefined;
  readonly usdPerReplicaHour: number | undefined;
}

/** One pool under the traffic. */
export interface PoolOutcome {
  readonly pool: SpecPool;
  readonly run: PoolRun;
  readonly holds: boolean;
  /** Undefined for a pool that holds. */
  readonly advice: Advice | undefined;
}

/** The whole spec under the traffic. */
export interface Outcome {
  readonly spec: Spec;
  readonly traffic: Traffic;
  readonly options: SimulationOptions;
  readonly pools: readonly PoolOutcome[];
  /** Pools without requests or without an SLO, which there is nothing to hold. */
  readonly skipped: readonly string[];
  readonly holds: boolean;
  readonly figures: readonly Figure[];
  readonly warnings: readonly string[];
}

const ASSUMED_NODES: Nodes = { replicasPerNode: 4, startSeconds: 60 };

/** Steps of a second for a week; longer traces take coarser ones. */
const MAX_STEPS = 7 * 24 * 3600;

/**
 * Simulates every pool of a spec under a traffic whose peak is the spec's times the growth. Profiles are taken from
 * `profiles/` beside the spec where they exist.
 * @throws PlanInputError for a profile that cannot be used
 */
export function simulateSpec(spec: Spec, traffic: Traffic, options: SimulationOptions): Outcome {
  const profiles = readProfiles(spec);
  const folders = new Map(spec.models.map(({ name, folder }) => [name, folder]));
  const planned = spec.pools.flatMap((pool) => {
    const { slo, peakQps } = pool;
    return slo === undefined || peakQps === 0 ? [] : [{ pool, slo, ...poolReplica(pool, spec.models, profiles) }];
  });
  const pools = planned.map(({ pool, slo, replica }) => simulateOne(pool, slo, replica, traffic, options));
  return {
    spec,
    traffic,
    options,
    pools,
    skipped: spec.pools.filter((pool) => pools.every((other) => other.pool !== pool)).map(({ name }) => name),
    holds: pools.every((pool) => pool.holds),
    figures: [...planned.flatMap(({ figures }) => figures), ...commonFigures(options)],
    warnings: profileWarnings([...profiles.values()], (model) => newestDigest(folders.get(model) ?? '')),
  };
}

function readProfiles(spec: Spec): Map<string, Profile> {
  const folder = join(dirname(spec.source.file), 'profiles');
  return new Map(
    spec.models.flatMap(({ name }) => {
      const profile = findProfile(folder, name);
      return profile === undefined ? [] : [[name, profile] as const];
    }),
  );
}

function simulateOne(
  pool: SpecPool,
  slo: Slo,
  replica: Replica,
  traffic: Traffic,
  { growth, cacheHitRatio = 0 }: SimulationOptions,
): PoolOutcome {
  const { durationSeconds } = traffic;
  const plan = { name: pool.name, hpa: poolHpa(pool), replica, slo, nodes: ASSUMED_NODES };
  const load = (seconds: number): number => traffic.shareAt(seconds) * pool.peakQps * growth * (1 - cacheHitRatio);
  const run = simulatePool(plan, load, durationSeconds, Math.max(1, Math.ceil(durationSeconds / MAX_STEPS)));
  return { pool, run, holds: holds(run.totals), advice: advise(plan, load, run, durationSeconds) };
}

function commonFigures({ growth, cacheHitRatio, usdPerReplicaHour }: SimulationOptions): Figure[] {
  const assumed = { source: 'assumed' } as const;
  const given = { source: 'given', detail: 'by flag' } as const;
  const [down] = SCALING_BEHAVIOR.scaleDown.policies;
  return [
    {
      name: 'growth',
      value: growth,
      unit: '× today’s peak',
      ...given,
      detail: growth === 1 ? 'as in the spec' : 'by flag',
    },
    {
      name: 'share of requests answered from the cache',
      value: (cacheHitRatio ?? 0) * 100,
      unit: '%',
      ...(cacheHitRatio === undefined ? { ...assumed, detail: 'none: a cold cache is the worst case' } : given),
    },
    {
      name: 'CPU requested by a replica',
      value: CPU_REQUEST_MILLI / 1000,
      unit: 'cores',
      ...assumed,
      detail: 'as in the charts',
    },
    {
      name: 'replicas on a node',
      value: ASSUMED_NODES.replicasPerNode,
      unit: '',
      ...assumed,
      detail: 'nodes of 8 cores',
    },
    { name: 'start of a node', value: ASSUMED_NODES.startSeconds, unit: 's', ...assumed, detail: 'not measured' },
    {
      name: 'replicas removed a minute at most',
      value: down.value,
      unit: '%',
      ...assumed,
      detail: 'as in the charts, after 300 s without need',
    },
    ...(usdPerReplicaHour === undefined
      ? []
      : [{ name: 'price of a replica', value: usdPerReplicaHour, unit: 'USD/h', ...given }]),
  ];
}
