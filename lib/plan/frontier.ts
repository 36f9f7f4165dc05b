import { GPU_NAMES, type GpuName } from '../spec/gpus';
import type { SpecPool } from '../spec/load';
import type { Slo } from '../spec/use-cases';
import { ASSUMED_MODEL } from './assumptions';
import { replicasFor, replicasOverADay } from './horizontal';
import type { Int8 } from './int8';
import type { ModelTime } from './model-time';
import { cheapest, monthlyCost, type NodePlan, nodePlans } from './nodes';
import type { PlannedPool } from './pool-plan';
import type { Prices } from './prices';
import type { Replica } from './replica';
import { type ReplicaSize, unplannedSize } from './size';
import { p95WithCache, withInt8, withoutBatches } from './variants';

/** One way to run a pool. */
export interface Option {
  readonly name: string;
  readonly instanceType: string;
  readonly gpu: GpuName | undefined;
  readonly cache: boolean;
  readonly int8: boolean;
  readonly batch: boolean;
  readonly replicas: number;
  /** Nodes over a month of days, and the cache where it is used. */
  readonly monthly: number;
  /** Predicted, at today's peak. */
  readonly p95Ms: number;
  /** Whether it holds the SLO. */
  readonly holds: boolean;
  /** Of the numbers of the models; the cores of every processor are taken to be as fast as those measured. */
  readonly source: 'measured' | 'assumed';
  /** Whether no other way that holds is both cheaper and faster. */
  readonly best: boolean;
}

/** What the ways to run a pool are worked out from. */
export interface FrontierInputs {
  readonly prices: Prices;
  readonly hitRatio: number;
  /** What the cache costs the pool in a month. */
  readonly cacheMonthly: number;
  /** What INT8 makes of the pool's models; undefined where it is no choice. */
  readonly int8: Int8 | undefined;
}

/** A way whose place among the others is not known yet. */
export type Candidate = Omit<Option, 'best' | 'holds'>;

/** A replica with the choices that make it. */
interface Variant {
  readonly replica: Replica;
  readonly words: readonly string[];
  readonly int8: boolean;
  readonly batch: boolean;
  readonly measured: boolean;
}

/** Ways to run a pool at today's peak by rising cost; empty for a pool without an SLO or without requests. */
export function frontier(planned: PlannedPool, inputs: FrontierInputs): Option[] {
  const { pool } = planned;
  const { slo } = pool;
  if (slo === undefined || pool.peakQps === 0) return [];
  const candidates = placesOf(planned, inputs).flatMap(({ nodes, ...hardware }) =>
    variantsOf(hardware).flatMap((variant) =>
      [false, true].map((cache) => candidate(pool, slo, nodes, variant, cache, inputs)),
    ),
  );
  return markBest(candidates, slo);
}

/** The candidates by cost, those marked that no other one that holds beats or equals in both. */
export function markBest(candidates: readonly Candidate[], slo: Slo): Option[] {
  const sorted = [...candidates].sort((a, b) => a.monthly - b.monthly || a.p95Ms - b.p95Ms);
  let fastest = slo.p95Ms * (1 + 1e-9);
  return sorted.map((option) => {
    const holds = option.p95Ms <= slo.p95Ms;
    const best = option.p95Ms < fastest;
    if (best) fastest = option.p95Ms;
    return { ...option, holds, best };
  });
}

/** What a pool's replicas are on one kind of hardware. */
interface Hardware {
  readonly replica: Replica;
  readonly size: ReplicaSize;
  readonly time: ModelTime;
  readonly measured: boolean;
  readonly int8: Int8 | undefined;
}

/** Nodes with what a replica does on them. */
type Place = Hardware & { readonly nodes: NodePlan };

/** On each family of processors and on each GPU the cheapest type. */
function placesOf(planned: PlannedPool, { prices, int8 }: FrontierInputs): Place[] {
  const { pool } = planned;
  const own = { ...planned, int8 };
  const cpu = pool.gpu === undefined ? own : assumedOn('cpu', planned);
  const gpu = pool.gpu === undefined ? assumedOn('gpu', planned) : own;
  const place = (plans: readonly NodePlan[], hardware: Hardware): Place[] => {
    const nodes = cheapest(plans, replicasOverADay(pool.peakQps, hardware.replica, pool));
    return nodes === undefined ? [] : [{ ...hardware, nodes }];
  };
  const families = new Map<string, NodePlan[]>();
  for (const plan of nodePlans({ ...cpu.size, gpu: undefined }, ['arm64', 'x86_64'], prices)) {
    const family = plan.type.name.split('.')[0] ?? '';
    families.set(family, [...(families.get(family) ?? []), plan]);
  }
  return [
    ...[...families.values()].flatMap((plans) => place(plans, cpu)),
    ...GPU_NAMES.flatMap((name) => place(nodePlans({ ...gpu.size, gpu: name }, ['x86_64'], prices), gpu)),
  ];
}

/** The hardware that the pool does not have, of which nothing was measured, INT8 neither. */
function assumedOn(hardware: SpecPool['hardware'], { replica, runs }: PlannedPool): Hardware {
  const { capacityQps, fixedMs, perRowMs, cpuSecondsPerRequest, coldStartSeconds } = ASSUMED_MODEL[hardware];
  const { cpuRequestMilli } = replica;
  return {
    replica: { capacityQps, idleMs: fixedMs + perRowMs, cpuSecondsPerRequest, coldStartSeconds, cpuRequestMilli },
    size: unplannedSize(hardware, hardware === 'cpu' ? Math.max(...runs.map(({ threads }) => threads)) : 1),
    time: { fixedMs, perRowMs, batchRows: undefined },
    measured: false,
    int8: undefined,
  };
}

function variantsOf({ replica, time, measured, int8 }: Hardware): Variant[] {
  const rowByRow = withoutBatches(replica, time);
  return [
    { replica, words: [], int8: false, batch: true, measured },
    ...(int8 === undefined
      ? []
      : [
          {
            replica: withInt8(replica, time, int8),
            words: ['INT8'],
            int8: true,
            batch: true,
            measured,
          },
        ]),
    ...(rowByRow === undefined
      ? []
      : [{ replica: rowByRow, words: ['no batches'], int8: false, batch: false, measured }]),
  ];
}

function candidate(
  pool: SpecPool,
  slo: Slo,
  nodes: NodePlan,
  { replica, words, int8, batch, measured }: Variant,
  cache: boolean,
  { hitRatio, cacheMonthly }: FrontierInputs,
): Candidate {
  const hits = cache ? hitRatio : 0;
  const qps = pool.peakQps * (1 - hits);
  const replicas = Math.max(pool.minReplicas, replicasFor(qps, replica));
  const { type } = nodes;
  return {
    name: [
      type.gpu === undefined ? type.name : `${type.name} (${type.gpu.name})`,
      ...words,
      ...(cache ? ['cache'] : []),
    ].join(' + '),
    instanceType: type.name,
    gpu: type.gpu?.name,
    cache,
    int8,
    batch,
    replicas,
    monthly: monthlyCost(nodes, replicasOverADay(qps, replica, pool)) + (cache ? cacheMonthly : 0),
    p95Ms: p95WithCache(replica, slo, qps / replicas, hits),
    source: measured && !cache ? 'measured' : 'assumed',
  };
}
