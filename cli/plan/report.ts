import type { Figure } from '../../lib/plan/figure';
import type { Option } from '../../lib/plan/frontier';
import type { ModelRuns } from '../../lib/plan/model-runs';
import type { Bill, FrontDoorChoice, Plan } from '../../lib/plan/plan';
import type { CostItem } from '../../lib/plan/platform-cost';
import type { PlannedPool, PoolLoad } from '../../lib/plan/pool-plan';
import type { ReplicaSize } from '../../lib/plan/size';
import { sixDigits } from '../report/numbers';

/** What `--json` prints, and what the other forms are made of. */
export interface PlanReport {
  readonly spec: string;
  readonly tier: string;
  readonly region: string;
  readonly onAws: boolean;
  readonly growth: number;
  readonly currency: string;
  readonly pools: readonly PoolReport[];
  readonly cache: { readonly hitRatio: number; readonly memoryMib: number };
  readonly today: BillReport;
  readonly grown: BillReport;
  readonly frontDoor: { readonly today: FrontDoorChoice; readonly grown: FrontDoorChoice } | undefined;
  readonly figures: readonly Figure[];
  readonly priceSources: Plan['priceSources'];
  readonly warnings: readonly string[];
}

/** One pool. */
export interface PoolReport {
  readonly name: string;
  readonly hardware: string;
  readonly sloP95Ms: number | undefined;
  /** Whether every number of its models was measured. */
  readonly measured: boolean;
  readonly size: ReplicaSize;
  /** Of its models in a replica of that size. */
  readonly runs: readonly ModelRuns[];
  readonly capacityQps: number;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly cpuUtilization: number;
  readonly instanceType: string;
  readonly replicasPerNode: number;
  readonly today: LoadReport;
  readonly grown: LoadReport;
  /** Ways to run it at today's peak, by rising cost. */
  readonly options: readonly Option[];
  /** Models of which INT8 was not measured, so that no option counts on it. */
  readonly int8Unknown: readonly string[];
}

/** A pool at one peak. */
export type LoadReport = PoolLoad;

/** One monthly bill. */
export interface BillReport {
  readonly growth: number;
  readonly requests: number;
  readonly monthly: number;
  readonly items: readonly ItemReport[];
}

/** One line of it. */
export interface ItemReport {
  readonly name: string;
  readonly units: number;
  readonly unit: string;
  readonly unitPrice: number;
  readonly monthly: number;
  readonly priceDate: string;
}

/** A plan in the words of the report. */
export function reportOf(plan: Plan, warnings: readonly string[]): PlanReport {
  const { spec, cache } = plan;
  return {
    spec: spec.name,
    tier: spec.tier.name,
    region: plan.region,
    onAws: spec.aws !== undefined,
    growth: plan.growth,
    currency: plan.currency,
    pools: plan.pools.map((pool) => reportPool(pool, plan)),
    cache: { hitRatio: sixDigits(cache.hitRatio), memoryMib: cache.memoryMib },
    today: reportBill(plan.today),
    grown: reportBill(plan.grown),
    frontDoor: plan.frontDoor,
    figures: plan.figures,
    priceSources: plan.priceSources,
    warnings,
  };
}

function reportPool(planned: PlannedPool, { options, int8Unknown }: Plan): PoolReport {
  const { pool, replica, size, runs, measured, minReplicas, maxReplicas, cpuUtilization, nodes } = planned;
  return {
    name: pool.name,
    hardware: pool.gpu ?? pool.hardware,
    sloP95Ms: pool.slo?.p95Ms,
    measured,
    size,
    runs,
    capacityQps: sixDigits(replica.capacityQps),
    minReplicas,
    maxReplicas,
    cpuUtilization,
    instanceType: nodes.type.name,
    replicasPerNode: nodes.replicasPerNode,
    today: planned.today,
    grown: planned.grown,
    options: options.get(pool.name) ?? [],
    int8Unknown: int8Unknown.get(pool.name) ?? [],
  };
}

/** Workers and threads of a run of the models of a pool: `3 × 1`; each pair once where models differ. */
export function threadsText({ runs }: PoolReport): string {
  return [...new Set(runs.map(({ workers, threads }) => `${workers} × ${threads}`))].join(', ');
}

/** Why no option has INT8 of some models, in one sentence; undefined where it is known of all. */
export function int8Text({ int8Unknown }: PoolReport): string | undefined {
  if (int8Unknown.length === 0) return undefined;
  return `INT8: not counted on for ${int8Unknown.join(', ')}: unknown until 'headroom optimize MODEL --out reports/optimize-MODEL.json' has measured it`;
}

function reportBill({ growth, requests, monthly, items }: Bill): BillReport {
  return { growth, requests: Math.round(requests), monthly: cents(monthly), items: items.map(reportItem) };
}

function reportItem({ name, units, monthly, price }: CostItem): ItemReport {
  return {
    name,
    units: sixDigits(units),
    unit: price.unit,
    unitPrice: price.first,
    monthly: cents(monthly),
    priceDate: price.date,
  };
}

function cents(amount: number): number {
  return Math.round(amount * 100) / 100;
}
