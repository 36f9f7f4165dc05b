import type { Replica } from '../replica';
import { type CurveSlo, type ServiceCurve, serviceCurve } from '../service-curve';
import { Deployment, type Placement } from './deployment';
import { HorizontalPodAutoscaler } from './hpa';
import { DEFAULT_FLAGS, type HpaMetric, type HpaSpec } from './hpa-spec';
import type { MeasuredPods, MetricSample } from './proposal';

/** Where the pods of a pool run. */
export interface Nodes {
  readonly replicasPerNode: number;
  /** From a pod that finds no room to a node that takes it. */
  readonly startSeconds: number;
}

/** One pool as planned. */
export interface PoolPlan {
  readonly name: string;
  readonly hpa: HpaSpec;
  readonly replica: Replica;
  readonly slo: CurveSlo;
  readonly nodes: Nodes;
}

/** Requests/s that reach the pool's models at a time; what the cache answers is not among them. */
export type Load = (seconds: number) => number;

/** What happened in each step, and in all of them. */
export interface PoolRun {
  readonly stepSeconds: number;
  readonly qps: Float64Array;
  readonly lostQps: Float64Array;
  readonly p95Ms: Float64Array;
  readonly replicas: Float64Array;
  readonly ready: Float64Array;
  readonly totals: PoolTotals;
}

/** Sums over a run. */
export interface PoolTotals {
  readonly requests: number;
  /** Refused, as they could not have been answered in an acceptable time. */
  readonly lost: number;
  /** Answered within the SLO. */
  readonly withinSlo: number;
  readonly replicaSeconds: number;
  readonly maxReplicas: number;
  readonly maxP95Ms: number;
}

/** metrics-server reports CPU over its resolution. */
const CPU_WINDOW_SECONDS = 15;
/** The recorded p95 looks back over two minutes, and ends at twice the SLO. */
const LATENCY_WINDOW_SECONDS = 120;
const LATENCY_CLAMP = 2;
/** Steps of the window that are looked at: load changes little in four seconds, and a day must simulate quickly. */
const LATENCY_POINTS = 30;

/** A pool under a load. Deterministic: randomness of arrivals is in the service curve. */
export function simulatePool(plan: PoolPlan, load: Load, durationSeconds: number, stepSeconds: number): PoolRun {
  return new PoolSimulation(plan, Math.max(1, Math.ceil(durationSeconds / stepSeconds)), stepSeconds).run(load);
}

class PoolSimulation {
  private readonly curve: ServiceCurve;
  private readonly autoscaler: HorizontalPodAutoscaler;
  private readonly qps: Float64Array;
  private readonly lostQps: Float64Array;
  private readonly p95Ms: Float64Array;
  private readonly replicas: Float64Array;
  private readonly ready: Float64Array;

  constructor(
    private readonly plan: PoolPlan,
    private readonly steps: number,
    private readonly stepSeconds: number,
  ) {
    this.curve = serviceCurve(plan.replica, plan.slo);
    this.autoscaler = new HorizontalPodAutoscaler(plan.hpa);
    this.qps = new Float64Array(steps);
    this.lostQps = new Float64Array(steps);
    this.p95Ms = new Float64Array(steps);
    this.replicas = new Float64Array(steps);
    this.ready = new Float64Array(steps);
  }

  run(load: Load): PoolRun {
    const { plan, stepSeconds } = this;
    const deployment = new Deployment(initialReplicas(plan, load(0)), (existing, added) =>
      placePods(plan, existing, added),
    );
    let syncSeconds = DEFAULT_FLAGS.syncPeriodSeconds;
    for (let i = 0; i < this.steps; i++) {
      const now = i * stepSeconds;
      this.serve(i, load(now), deployment.ready(now), deployment.replicas);
      while (syncSeconds < now + stepSeconds) {
        const at = syncSeconds;
        const desired = this.autoscaler.reconcile(at, deployment.replicas, (metric) =>
          this.measure(metric, deployment, at, i),
        );
        if (desired !== deployment.replicas) deployment.scaleTo(desired, at);
        syncSeconds += DEFAULT_FLAGS.syncPeriodSeconds;
      }
    }
    const { qps, lostQps, p95Ms, replicas, ready } = this;
    return { stepSeconds, qps, lostQps, p95Ms, replicas, ready, totals: this.sum() };
  }

  private serve(i: number, qps: number, ready: number, replicas: number): void {
    const rate = ready === 0 ? 0 : qps / ready;
    this.qps[i] = qps;
    // Never below 0, which ready × (qps / ready) can miss by a rounding.
    this.lostQps[i] = Math.max(0, qps - ready * this.curve.answeredQps(rate));
    this.replicas[i] = replicas;
    this.ready[i] = ready;
    this.p95Ms[i] = ready === 0 ? this.plan.slo.acceptableMs : this.curve.p95Ms(rate);
  }

  /** What the metrics APIs say of the last step: the same of every ready pod, nothing of the others. */
  private measure(metric: HpaMetric, deployment: Deployment, nowSeconds: number, i: number): MeasuredPods[] {
    const { cpuRequestMilli } = this.plan.replica;
    const sample: MetricSample = {
      valueMilli: metric.source === 'cpu' ? this.cpuMilli(i) : this.recentP95Ms(i),
      timestampSeconds: nowSeconds,
      windowSeconds: CPU_WINDOW_SECONDS,
    };
    return deployment.list(nowSeconds).map((pods) => ({
      pods: { ...pods, cpuRequestMilli },
      sample: pods.ready ? sample : undefined,
    }));
  }

  private cpuMilli(i: number): number {
    let sum = 0;
    const from = this.windowStart(i, CPU_WINDOW_SECONDS);
    for (let j = from; j <= i; j++) sum += this.curve.answeredQps(this.offered(j));
    return Math.round((sum / (i - from + 1)) * this.plan.replica.cpuSecondsPerRequest * 1000);
  }

  /** The 95th percentile over the requests of the window, whose times are a mixture of those of its steps. */
  private recentP95Ms(i: number): number {
    const from = this.windowStart(i, LATENCY_WINDOW_SECONDS);
    let low = 0;
    let high = LATENCY_CLAMP * this.plan.slo.p95Ms;
    // Below a millisecond nothing changes: targets are whole milliseconds.
    while (high - low > 0.5) {
      const middle = (low + high) / 2;
      if (this.shareSlower(from, i, middle) > 0.05) low = middle;
      else high = middle;
    }
    return Math.round(high);
  }

  private shareSlower(from: number, to: number, ms: number): number {
    let slower = 0;
    let all = 0;
    const stride = Math.ceil((to - from + 1) / LATENCY_POINTS);
    for (let j = to; j >= from; j -= stride) {
      const rate = this.offered(j);
      const answered = at(this.qps, j) - at(this.lostQps, j);
      all += answered;
      slower += answered * this.curve.slowerThan(ms, rate);
    }
    return all === 0 ? 0 : slower / all;
  }

  /** Requests/s offered to each ready replica. */
  private offered(i: number): number {
    const ready = at(this.ready, i);
    return ready === 0 ? 0 : at(this.qps, i) / ready;
  }

  private windowStart(i: number, seconds: number): number {
    return Math.max(0, i + 1 - Math.ceil(seconds / this.stepSeconds));
  }

  private sum(): PoolTotals {
    let requests = 0;
    let lost = 0;
    let withinSlo = 0;
    let replicaSeconds = 0;
    for (let i = 0; i < this.steps; i++) {
      const answered = at(this.qps, i) - at(this.lostQps, i);
      requests += at(this.qps, i) * this.stepSeconds;
      lost += at(this.lostQps, i) * this.stepSeconds;
      withinSlo += answered * this.stepSeconds * (1 - this.curve.slowerThan(this.plan.slo.p95Ms, this.offered(i)));
      replicaSeconds += at(this.replicas, i) * this.stepSeconds;
    }
    return {
      requests,
      lost,
      withinSlo,
      replicaSeconds,
      maxReplicas: largest(this.replicas),
      maxP95Ms: largest(this.p95Ms),
    };
  }
}

/** As many as the HPA would have settled on under the first second's load. */
function initialReplicas({ hpa, replica }: PoolPlan, qps: number): number {
  const targets = hpa.metrics.flatMap((metric) => ('targetPercent' in metric ? [metric.targetPercent] : []));
  const usedMilli = qps * replica.cpuSecondsPerRequest * 1000;
  const byCpu = targets.map((percent) => usedMilli / ((replica.cpuRequestMilli * percent) / 100));
  const needed = Math.ceil(Math.max(qps / replica.capacityQps, ...byCpu));
  return Math.min(hpa.maxReplicas, Math.max(hpa.minReplicas, needed));
}

/** New pods fill the nodes that are there; the others wait for new ones. Nodes that empty are taken away. */
function placePods({ nodes, replica }: PoolPlan, existing: number, added: number): Placement[] {
  const room = Math.ceil(existing / nodes.replicasPerNode) * nodes.replicasPerNode - existing;
  const placed = Math.min(room, added);
  return [
    { count: placed, readyAfterSeconds: replica.coldStartSeconds },
    { count: added - placed, readyAfterSeconds: nodes.startSeconds + replica.coldStartSeconds },
  ];
}

function largest(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}

/** Every index here is within the array. */
function at(values: Float64Array, i: number): number {
  return values[i] ?? 0;
}
