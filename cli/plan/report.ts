import type { Figure } from '../../lib/plan/figure';
import type { Option } from '../../lib/plan/frontier';
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
    pools: plan.pools.map((pool) => reportPool(pool, plan.options.get(pool.pool.name) ?? [])),
    cache: { hitRatio: sixDigits(cache.hitRatio), memoryMib: cache.memoryMib },
    today: reportBill(plan.today),
    grown: reportBill(plan.grown),
    frontDoor: plan.frontDoor,
    figures: plan.figures,
    priceSources: plan.priceSources,
    warnings,
  };
}

function reportPool(planned: PlannedPool, options: readonly Option[]): PoolReport {
  const { pool, replica, size, measured, minReplicas, maxReplicas, cpuUtilization, nodes } = planned;
  return {
    name: pool.name,
    hardware: pool.gpu ?? pool.hardware,
    sloP95Ms: pool.slo?.p95Ms,
    measured,
    size,
    capacityQps: sixDigits(replica.capacityQps),
    minReplicas,
    maxReplicas,
    cpuUtilization,
    instanceType: nodes.type.name,
    replicasPerNode: nodes.replicasPerNode,
    today: planned.today,
    grown: planned.grown,
    options,
  };
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
