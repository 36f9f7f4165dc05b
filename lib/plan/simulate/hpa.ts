import { type ControllerFlags, DEFAULT_FLAGS, type HpaMetric, type HpaSpec, type ScalingRules } from './hpa-spec';
import { type MeasuredPods, proposeReplicas } from './proposal';
import { ScaleEvents } from './scale-events';

interface Recommendation {
  readonly replicas: number;
  readonly atSeconds: number;
}

interface Behaviour {
  readonly scaleUp: ScalingRules;
  readonly scaleDown: ScalingRules;
  readonly ups: ScaleEvents;
  readonly downs: ScaleEvents;
}

/** Answers of the metrics APIs at one sync: for each metric of the spec the pods and what they report. */
export type Measure = (metric: HpaMetric) => readonly MeasuredPods[];

/**
 * The horizontal pod autoscaler of Kubernetes v1.36 (pkg/controller/podautoscaler/horizontal.go), for one Deployment:
 * what it remembers between syncs and what it decides at each. Written from the released source, not fitted to data.
 */
export class HorizontalPodAutoscaler {
  private recommendations: Recommendation[] | undefined;
  private readonly behaviour: Behaviour | undefined;

  constructor(
    private readonly spec: HpaSpec,
    private readonly flags: ControllerFlags = DEFAULT_FLAGS,
  ) {
    if (spec.behavior === undefined) return;
    const { scaleUp, scaleDown } = spec.behavior;
    this.behaviour = {
      scaleUp,
      scaleDown,
      ups: new ScaleEvents(longestPeriod(scaleUp)),
      downs: new ScaleEvents(longestPeriod(scaleDown)),
    };
  }

  /**
   * One sync.
   * @param currentReplicas what the Deployment's spec asks for
   * @returns what it asks for afterwards; the same where nothing is decided
   */
  reconcile(nowSeconds: number, currentReplicas: number, measure: Measure): number {
    this.recommendations ??= [{ replicas: currentReplicas, atSeconds: nowSeconds }];
    const desired = this.decide(nowSeconds, currentReplicas, measure);
    if (desired > currentReplicas) this.behaviour?.ups.store(desired - currentReplicas, nowSeconds);
    if (desired < currentReplicas) this.behaviour?.downs.store(currentReplicas - desired, nowSeconds);
    return desired;
  }

  private decide(nowSeconds: number, current: number, measure: Measure): number {
    // A Deployment without replicas has been switched off by hand.
    if (current === 0) return 0;
    if (current > this.spec.maxReplicas) return this.spec.maxReplicas;
    if (current < this.spec.minReplicas) return this.spec.minReplicas;
    const proposed = this.largestProposal(nowSeconds, current, measure);
    if (proposed === undefined) return current;
    return this.behaviour === undefined
      ? this.limitByDefault(nowSeconds, current, proposed)
      : this.limitByBehaviour(this.behaviour, nowSeconds, current, proposed);
  }

  /** Undefined where nothing may be decided: every metric failed, or one did and the others ask for fewer replicas. */
  private largestProposal(nowSeconds: number, current: number, measure: Measure): number | undefined {
    const tolerances = {
      scaleDown: this.spec.behavior?.scaleDown.tolerance ?? this.flags.tolerance,
      scaleUp: this.spec.behavior?.scaleUp.tolerance ?? this.flags.tolerance,
    };
    let largest: number | undefined;
    let failed = false;
    for (const metric of this.spec.metrics) {
      const proposal = proposeReplicas(metric, current, measure(metric), tolerances, nowSeconds, this.flags);
      if (proposal === undefined) failed = true;
      else largest = Math.max(largest ?? proposal, proposal);
    }
    return failed && largest !== undefined && largest < current ? undefined : largest;
  }

  private limitByDefault(nowSeconds: number, current: number, proposed: number): number {
    const since = nowSeconds - this.flags.downscaleStabilizationSeconds;
    const recent = this.remembered().filter(({ atSeconds }) => atSeconds >= since);
    const stabilized = Math.max(proposed, ...recent.map(({ replicas }) => replicas));
    this.recommendations = [...recent, { replicas: proposed, atSeconds: nowSeconds }];
    const most = Math.min(this.spec.maxReplicas, Math.max(2 * current, 4));
    return Math.max(this.spec.minReplicas, Math.min(most, stabilized));
  }

  private limitByBehaviour(behaviour: Behaviour, nowSeconds: number, current: number, proposed: number): number {
    const stabilized = this.stabilize(behaviour, nowSeconds, current, proposed);
    if (stabilized > current) {
      const limit = Math.max(current, scaleUpLimit(behaviour, nowSeconds, current));
      return Math.min(stabilized, limit, this.spec.maxReplicas);
    }
    if (stabilized < current) {
      const limit = Math.min(current, scaleDownLimit(behaviour, nowSeconds, current));
      return Math.max(stabilized, limit, this.spec.minReplicas);
    }
    return current;
  }

  /** Up only as far as every recommendation of the window for adding asked, down only as far as every other did. */
  private stabilize({ scaleUp, scaleDown }: Behaviour, nowSeconds: number, current: number, proposed: number): number {
    let lowest = proposed;
    let highest = proposed;
    const kept: Recommendation[] = [];
    for (const recommendation of this.remembered()) {
      const ageSeconds = nowSeconds - recommendation.atSeconds;
      const countsUp = ageSeconds < scaleUp.stabilizationWindowSeconds;
      const countsDown = ageSeconds < scaleDown.stabilizationWindowSeconds;
      if (countsUp) lowest = Math.min(lowest, recommendation.replicas);
      if (countsDown) highest = Math.max(highest, recommendation.replicas);
      if (countsUp || countsDown) kept.push(recommendation);
    }
    kept.push({ replicas: proposed, atSeconds: nowSeconds });
    this.recommendations = kept;
    return Math.min(Math.max(current, lowest), highest);
  }

  private remembered(): readonly Recommendation[] {
    return this.recommendations ?? [];
  }
}

function scaleUpLimit({ scaleUp, ups, downs }: Behaviour, nowSeconds: number, current: number): number {
  if (scaleUp.selectPolicy === 'Disabled') return current;
  const limits = scaleUp.policies.map(({ type, value, periodSeconds }) => {
    const start = replicasAtStart(ups, downs, periodSeconds, nowSeconds, current);
    return type === 'Pods' ? start + value : Math.ceil(start * (1 + value / 100));
  });
  return scaleUp.selectPolicy === 'Min' ? Math.min(...limits) : Math.max(...limits);
}

function scaleDownLimit({ scaleDown, ups, downs }: Behaviour, nowSeconds: number, current: number): number {
  if (scaleDown.selectPolicy === 'Disabled') return current;
  const limits = scaleDown.policies.map(({ type, value, periodSeconds }) => {
    const start = replicasAtStart(ups, downs, periodSeconds, nowSeconds, current);
    return type === 'Pods' ? start - value : Math.trunc(start * (1 - value / 100));
  });
  // The least change when removing is the highest count.
  return scaleDown.selectPolicy === 'Min' ? Math.max(...limits) : Math.min(...limits);
}

function replicasAtStart(
  ups: ScaleEvents,
  downs: ScaleEvents,
  periodSeconds: number,
  nowSeconds: number,
  current: number,
): number {
  return current - ups.changeWithin(periodSeconds, nowSeconds) + downs.changeWithin(periodSeconds, nowSeconds);
}

function longestPeriod({ policies }: ScalingRules): number {
  return Math.max(0, ...policies.map(({ periodSeconds }) => periodSeconds));
}
