import { LOAD_SHARE } from '../assumptions';
import { cpuTarget, replicasFor } from '../horizontal';
import { type Load, type PoolPlan, type PoolRun, type PoolTotals, simulatePool } from './pool-run';

/** One setting of a pool in the spec, as it is and as it should be. */
export interface Change {
  readonly setting: 'minReplicas' | 'maxReplicas' | 'cpuUtilization';
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}

/** What makes a pool hold, shown by simulating it so. */
export interface Advice {
  readonly changes: readonly Change[];
  /** Undefined where no number of replicas helps. */
  readonly totals: PoolTotals | undefined;
  /** Why the pool does not hold as it is. */
  readonly cause: string;
}

/** Of 100 requests 95 are to be answered within the SLO, and none is to be lost. */
export const SLO_SHARE = 0.95;
/** Less than one request: the fluid model knows fractions. */
const NOTHING_LOST = 1;

/** Whether a run kept its SLO. */
export function holds({ requests, withinSlo, lost }: PoolTotals): boolean {
  return lost < NOTHING_LOST && withinSlo >= SLO_SHARE * requests;
}

/**
 * The least changes that make a pool hold under a load: room for the peak, then an earlier signal, then as many replicas
 * held ready as it takes. Each is simulated with the ones before it; the first that suffices is the last.
 */
export function advise(plan: PoolPlan, load: Load, run: PoolRun, durationSeconds: number): Advice | undefined {
  if (holds(run.totals)) return undefined;
  const { replica, slo } = plan;
  if (replica.idleMs >= slo.p95Ms) {
    const cause = `a request takes ${round(replica.idleMs)} ms even alone, more than the SLO of ${slo.p95Ms} ms: a faster model or a looser SLO is needed`;
    return { changes: [], totals: undefined, cause };
  }
  const simulate = (changed: PoolPlan): PoolTotals =>
    simulatePool(changed, load, durationSeconds, run.stepSeconds).totals;
  const peakQps = run.qps.reduce((most, qps) => Math.max(most, qps), 0);
  const cause = causeOf(plan, run, peakQps);
  const changes: Change[] = [];
  let changed = plan;
  for (const propose of [moreAtMost, earlierSignal]) {
    const change = propose(changed, peakQps);
    if (change === undefined) continue;
    changes.push(change);
    changed = apply(changed, change);
    const totals = simulate(changed);
    if (holds(totals)) return { changes, totals, cause };
  }
  const { change, totals } = moreAtLeast(changed, peakQps, simulate);
  return { changes: [...changes, change], totals, cause };
}

function moreAtMost({ hpa, replica }: PoolPlan, peakQps: number): Change | undefined {
  const to = replicasFor(peakQps, replica);
  const reason = `${round(peakQps)} requests/s at the peak, ${round(replica.capacityQps * LOAD_SHARE)} a replica below its SLO`;
  return to > hpa.maxReplicas ? { setting: 'maxReplicas', from: hpa.maxReplicas, to, reason } : undefined;
}

function earlierSignal({ hpa, replica }: PoolPlan): Change | undefined {
  const from = cpuTargetOf(hpa.metrics);
  const to = cpuTarget(replica);
  const reason = `what a replica uses at ${LOAD_SHARE * 100} % of its capacity`;
  return from !== undefined && to < from ? { setting: 'cpuUtilization', from, to, reason } : undefined;
}

/** The fewest replicas held ready that suffice; as many as the peak needs always do. */
function moreAtLeast(
  plan: PoolPlan,
  peakQps: number,
  simulate: (plan: PoolPlan) => PoolTotals,
): { change: Change; totals: PoolTotals } {
  const from = plan.hpa.minReplicas;
  const change = (to: number): Change => ({
    setting: 'minReplicas',
    from,
    to,
    reason: 'the peak comes faster than replicas start',
  });
  let few = from;
  let enough = Math.max(from, Math.min(plan.hpa.maxReplicas, Math.ceil(peakQps / plan.replica.capacityQps)));
  let totals = simulate(apply(plan, change(enough)));
  while (enough - few > Math.max(1, enough / 100)) {
    const middle = Math.floor((few + enough) / 2);
    const tried = simulate(apply(plan, change(middle)));
    if (holds(tried)) [enough, totals] = [middle, tried];
    else few = middle;
  }
  return { change: change(enough), totals };
}

function apply(plan: PoolPlan, { setting, to }: Change): PoolPlan {
  const { hpa } = plan;
  if (setting !== 'cpuUtilization') return { ...plan, hpa: { ...hpa, [setting]: to } };
  const metrics = hpa.metrics.map((metric) => ('targetPercent' in metric ? { ...metric, targetPercent: to } : metric));
  return { ...plan, hpa: { ...hpa, metrics } };
}

function cpuTargetOf(metrics: PoolPlan['hpa']['metrics']): number | undefined {
  return metrics.flatMap((metric) => ('targetPercent' in metric ? [metric.targetPercent] : []))[0];
}

function causeOf({ hpa, replica, nodes }: PoolPlan, { totals }: PoolRun, peakQps: number): string {
  const needed = Math.ceil(peakQps / replica.capacityQps);
  if (needed > hpa.maxReplicas) return `the peak needs ${needed} replicas, at most ${hpa.maxReplicas} are allowed`;
  const startSeconds = replica.coldStartSeconds + nodes.startSeconds;
  return totals.lost < NOTHING_LOST
    ? 'replicas are added too late to keep the SLO'
    : `the load rises faster than replicas start, which takes up to ${round(startSeconds)} s`;
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
