import { counted } from '../spec/counted';
import type { SpecPool } from '../spec/load';
import { LOAD_SHARE } from './assumptions';
import { PlanInputError } from './errors';
import type { Figure } from './figure';
import { cpuTarget, replicasFor, replicasOverADay } from './horizontal';
import type { Architecture } from './instance-types';
import { cheapest, monthlyCost, type NodePlan, nodePlans } from './nodes';
import type { Prices } from './prices';
import { coreOptions, type KnownModels, type PlannedReplica, poolReplica, requireReachableSlo } from './replica';
import { serviceCurve } from './service-curve';

/** A pool at one factor on today's peak. */
export interface PoolLoad {
  readonly peakQps: number;
  /** At the peak. */
  readonly replicas: number;
  /** At the peak. */
  readonly nodes: number;
  /** Nodes over a month of days that follow the diurnal shape. */
  readonly monthly: number;
  /** Predicted, with the peak spread evenly over the replicas; undefined without an SLO. */
  readonly p95Ms: number | undefined;
}

/** One pool as planned: how large its replicas are, how many, and on what they run. */
export interface PlannedPool extends PlannedReplica {
  readonly pool: SpecPool;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** Percent of the requested CPU. */
  readonly cpuUtilization: number;
  /** Cores of the measurement that was chosen; undefined where the profiles have but one. */
  readonly measuredCores: number | undefined;
  readonly nodes: NodePlan;
  readonly today: PoolLoad;
  readonly grown: PoolLoad;
}

/** What a pool is planned with. */
export interface PoolInputs extends KnownModels {
  readonly growth: number;
  readonly prices: Prices;
}

/**
 * Replicas and nodes of a pool. Of the sizes that were measured, and of the types that hold them, the pair is taken that
 * costs least over a day at today's peak, which is what is deployed; a tie goes to the one that costs less when grown.
 * @throws PlanInputError where no type of the price list holds a replica
 * @throws SloUnreachableError where a request alone takes longer than the SLO
 */
export function planPool(pool: SpecPool, inputs: PoolInputs): PlannedPool {
  requireReachableSlo(pool, inputs);
  const sizes = coreOptions(pool, inputs);
  const options = (sizes.length === 0 ? [undefined] : sizes).flatMap((cores) => {
    const planned = poolReplica(pool, inputs, cores);
    const nodes = cheapestNodes(pool, planned, inputs);
    return nodes === undefined ? [] : [assemble(pool, planned, cores, nodes, inputs)];
  });
  const [best] = options.sort((a, b) => a.today.monthly - b.today.monthly || a.grown.monthly - b.grown.monthly);
  if (best !== undefined) return best;
  const { size } = poolReplica(pool, inputs);
  const what = pool.gpu === undefined ? '' : ` and the GPU ${pool.gpu}`;
  throw new PlanInputError(
    `no price in ${inputs.prices.region} of a type that holds a replica of ${pool.name} (${size.cpuMillicores}m CPU, ${size.memoryMib} MiB${what}): give a file that has one by --prices`,
  );
}

/** A pool at a given peak on given nodes. */
export function poolLoad(pool: SpecPool, { replica }: PlannedReplica, nodes: NodePlan, peakQps: number): PoolLoad {
  const replicas = Math.max(pool.minReplicas, replicasFor(peakQps, replica));
  return {
    peakQps,
    replicas,
    nodes: nodes.nodesFor(replicas),
    monthly: monthlyCost(nodes, replicasOverADay(peakQps, replica, pool)),
    p95Ms: pool.slo === undefined ? undefined : serviceCurve(replica, pool.slo).p95Ms(peakQps / replicas),
  };
}

/**
 * What pools without GPU run on, for which the image is built: Graviton costs least for the same cores. GPUs come with
 * x86-64 only.
 */
const ARCHITECTURE: Readonly<Record<SpecPool['hardware'], Architecture>> = { cpu: 'arm64', gpu: 'x86_64' };

/** Numbers of the size and the thresholds, and of what they are made. */
export function poolFigures({ pool, size, measured, cpuUtilization, cpuCoresAtCapacity, runs }: PlannedPool): Figure[] {
  const calculated = { source: 'calculated' } as const;
  const basis = measured ? 'from the profiles' : 'from assumptions';
  const share = `${LOAD_SHARE * 100} % of capacity`;
  const threads = Math.max(...runs.map((run) => run.threads));
  const ofOneRun = threads === 1 ? '' : `, and a run takes ${pool.models.length === 1 ? '' : 'up to '}${threads}`;
  return [
    {
      name: `${pool.name}: CPU of a replica`,
      value: size.cpuMillicores / 1000,
      unit: 'cores',
      ...calculated,
      detail: `${basis}: busy at capacity are ${counted(Number(cpuCoresAtCapacity.toPrecision(3)), 'core')}${ofOneRun}`,
    },
    { name: `${pool.name}: memory of a replica`, value: size.memoryMib, unit: 'MiB', ...calculated, detail: basis },
    {
      name: `${pool.name}: CPU target of the HPA`,
      value: cpuUtilization,
      unit: '%',
      ...(measured
        ? { ...calculated, detail: `what a replica uses at ${share}` }
        : { source: 'given', detail: 'as in the spec: nothing was measured to calibrate it' }),
    },
  ];
}

function cheapestNodes(pool: SpecPool, planned: PlannedReplica, inputs: PoolInputs): NodePlan | undefined {
  const need = { ...planned.size, gpu: pool.gpu };
  const plans = nodePlans(need, [ARCHITECTURE[pool.hardware]], inputs.prices);
  return cheapest(plans, replicasOverADay(pool.peakQps, planned.replica, pool));
}

function assemble(
  pool: SpecPool,
  planned: PlannedReplica,
  measuredCores: number | undefined,
  nodes: NodePlan,
  { growth }: PoolInputs,
): PlannedPool {
  const today = poolLoad(pool, planned, nodes, pool.peakQps);
  const grown = poolLoad(pool, planned, nodes, pool.peakQps * growth);
  return {
    ...planned,
    pool,
    minReplicas: pool.minReplicas,
    maxReplicas: Math.max(pool.maxReplicas, grown.replicas),
    cpuUtilization: planned.measured ? cpuTarget(planned.replica) : pool.cpuUtilization,
    measuredCores,
    nodes,
    today,
    grown,
  };
}
