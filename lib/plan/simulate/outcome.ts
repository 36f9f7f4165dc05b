import type { Spec, SpecPool } from '../../spec/load';
import type { Slo } from '../../spec/use-cases';
import { NODE_START_SECONDS } from '../assumptions';
import type { Figure } from '../figure';
import type { Profile } from '../profile';
import { poolReplica, type Replica } from '../replica';
import { poolHpa, SCALING_BEHAVIOR } from '../scaling';
import { sizeOf, type WrittenPlan, type WrittenPool, withPlan } from '../written-plan';
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

/** What the pools are known by. */
export interface SimulationInputs {
  /** By model. */
  readonly profiles: ReadonlyMap<string, Profile>;
  /** As `headroom plan --write` left it; its sizes and limits go before those of the spec. */
  readonly plan: WrittenPlan | undefined;
  /** What speaks against the two. */
  readonly warnings: readonly string[];
}

/** Without a plan: nodes of 8 cores. */
const ASSUMED_REPLICAS_PER_NODE = 4;

/** Steps of a second for a week; longer traces take coarser ones. */
const MAX_STEPS = 7 * 24 * 3600;

/** Simulates every pool of a spec under a traffic whose peak is the spec's times the growth. */
export function simulateSpec(
  spec: Spec,
  traffic: Traffic,
  options: SimulationOptions,
  { profiles, plan, warnings }: SimulationInputs,
): Outcome {
  const planned = spec.pools.flatMap((pool) => {
    const { slo, peakQps } = pool;
    if (slo === undefined || peakQps === 0) return [];
    const written = plan?.pools[pool.name];
    const { replica, figures } = poolReplica(pool, { models: spec.models, profiles }, written?.measuredCores);
    const { cpuMillicores: cpuRequestMilli } = sizeOf(pool, plan);
    return [
      { given: pool, pool: withPlan(pool, plan), slo, replica: { ...replica, cpuRequestMilli }, written, figures },
    ];
  });
  const pools = planned.map(({ given, pool, slo, replica, written }) => {
    const outcome = simulateOne(pool, slo, replica, nodesOf(written), traffic, options);
    return { ...outcome, advice: outcome.advice && forSpec(outcome.advice, given, pool) };
  });
  return {
    spec,
    traffic,
    options,
    pools,
    skipped: spec.pools.flatMap(({ name }) => (pools.some(({ pool }) => pool.name === name) ? [] : [name])),
    holds: pools.every((pool) => pool.holds),
    figures: [
      ...planned.flatMap(({ figures }) => figures),
      ...planned.flatMap(({ pool, replica, written }) => poolFigures(pool, replica, written)),
      ...commonFigures(options),
    ],
    warnings,
  };
}

/**
 * Advice on a pool with the limits of a plan, as changes that its spec allows: a plan may have raised maxReplicas, but
 * not in the spec, where minReplicas stays below it.
 */
function forSpec(advice: Advice, given: SpecPool, planned: SpecPool): Advice {
  const { changes } = advice;
  const least = changes.find(({ setting }) => setting === 'minReplicas')?.to ?? 0;
  if (least <= given.maxReplicas || changes.some(({ setting }) => setting === 'maxReplicas')) return advice;
  const reason = `as planned, since the spec has to allow the ${least} replicas held ready`;
  const room = { setting: 'maxReplicas', from: given.maxReplicas, to: planned.maxReplicas, reason } as const;
  return { ...advice, changes: [room, ...changes] };
}

function nodesOf(written: WrittenPool | undefined): Nodes {
  const replicasPerNode = written?.nodes.replicasPerNode ?? ASSUMED_REPLICAS_PER_NODE;
  return { replicasPerNode, startSeconds: NODE_START_SECONDS };
}

function simulateOne(
  pool: SpecPool,
  slo: Slo,
  replica: Replica,
  nodes: Nodes,
  traffic: Traffic,
  { growth, cacheHitRatio = 0 }: SimulationOptions,
): PoolOutcome {
  const { durationSeconds } = traffic;
  const plan = { name: pool.name, hpa: poolHpa(pool), replica, slo, nodes };
  const load = (seconds: number): number => traffic.shareAt(seconds) * pool.peakQps * growth * (1 - cacheHitRatio);
  const run = simulatePool(plan, load, durationSeconds, Math.max(1, Math.ceil(durationSeconds / MAX_STEPS)));
  return { pool, run, holds: holds(run.totals), advice: advise(plan, load, run, durationSeconds) };
}

function poolFigures({ name }: SpecPool, { cpuRequestMilli }: Replica, written: WrittenPool | undefined): Figure[] {
  const origin =
    written === undefined
      ? ({ source: 'assumed', detail: 'as in the charts without a plan' } as const)
      : ({ source: 'calculated', detail: 'headroom.plan.json' } as const);
  const perNode = nodesOf(written).replicasPerNode;
  return [
    { name: `${name}: CPU requested by a replica`, value: cpuRequestMilli / 1000, unit: 'cores', ...origin },
    { name: `${name}: replicas on a node`, value: perNode, unit: '', ...origin },
  ];
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
      detail: growth === 1 ? 'as it is today, without --growth' : 'by flag',
    },
    {
      name: 'share of requests answered from the cache',
      value: (cacheHitRatio ?? 0) * 100,
      unit: '%',
      ...(cacheHitRatio === undefined ? { ...assumed, detail: 'none: a cold cache is the worst case' } : given),
    },
    { name: 'start of a node', value: NODE_START_SECONDS, unit: 's', ...assumed, detail: 'not measured' },
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
