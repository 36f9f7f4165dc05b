import type { ControllerFlags, HpaMetric } from './hpa-spec';

/** Equal pods of the scaled Deployment as the controller lists them; deleted and failed ones, which it ignores, are left out. */
export interface PodGroup {
  readonly count: number;
  readonly phase: 'Pending' | 'Running';
  readonly startedAtSeconds: number;
  readonly ready: boolean;
  /** When `ready` last changed. */
  readonly readyChangedAtSeconds: number;
  readonly cpuRequestMilli: number;
}

/** What a metrics API says of each pod of a group. */
export interface MetricSample {
  /** Thousandths of a core, or of the metric's unit. */
  readonly valueMilli: number;
  readonly timestampSeconds: number;
  /** Span over which the value was taken. */
  readonly windowSeconds: number;
}

/** A group and its sample; undefined where its pods report nothing. */
export interface MeasuredPods {
  readonly pods: PodGroup;
  readonly sample: MetricSample | undefined;
}

/** Usage / target between 1 − `scaleDown` and 1 + `scaleUp` is near enough. */
export interface Tolerances {
  readonly scaleDown: number;
  readonly scaleUp: number;
}

/** Pods that enter the mean with a value each. */
interface Counted {
  readonly count: number;
  readonly valueMilli: number;
  readonly requestMilli: number;
}

/**
 * The replicas that one metric asks for, by the arithmetic of Kubernetes v1.36
 * (pkg/controller/podautoscaler/replica_calculator.go), integer divisions included.
 * @returns undefined where the controller would report an error: no pod with a usable sample
 */
export function proposeReplicas(
  metric: HpaMetric,
  currentReplicas: number,
  measured: readonly MeasuredPods[],
  tolerances: Tolerances,
  nowSeconds: number,
  flags: ControllerFlags,
): number | undefined {
  const { reporting, missing, unready } = classify(metric, measured, nowSeconds, flags);
  if (reporting.length === 0) return undefined;
  const ratio = usageRatio(metric, reporting);
  const countUnready = unready.length > 0 && ratio > 1;
  if (!countUnready && missing.length === 0) {
    return isWithin(tolerances, ratio) ? currentReplicas : Math.ceil(ratio * total(reporting));
  }
  // Doubt speaks against the change: the silent count as busy when removing replicas and as idle when adding.
  const counted = [...reporting];
  for (const pods of missing) {
    if (ratio < 1) counted.push({ ...pods, valueMilli: presumedMilli(metric, pods) });
    else if (ratio > 1) counted.push({ ...pods, valueMilli: 0 });
  }
  if (countUnready) counted.push(...unready);
  const newRatio = usageRatio(metric, counted);
  const turned = (ratio < 1 && newRatio > 1) || (ratio > 1 && newRatio < 1);
  if (isWithin(tolerances, newRatio) || turned) return currentReplicas;
  const replicas = Math.ceil(newRatio * total(counted));
  const wrongWay = (newRatio < 1 && replicas > currentReplicas) || (newRatio > 1 && replicas < currentReplicas);
  return wrongWay ? currentReplicas : replicas;
}

function classify(
  metric: HpaMetric,
  measured: readonly MeasuredPods[],
  nowSeconds: number,
  flags: ControllerFlags,
): { reporting: Counted[]; missing: Counted[]; unready: Counted[] } {
  const reporting: Counted[] = [];
  const missing: Counted[] = [];
  const unready: Counted[] = [];
  for (const { pods, sample } of measured) {
    if (pods.count === 0) continue;
    const silent = { count: pods.count, valueMilli: 0, requestMilli: pods.cpuRequestMilli };
    if (pods.phase === 'Pending') unready.push(silent);
    else if (sample === undefined) missing.push(silent);
    else if (metric.source === 'cpu' && isCpuUnready(pods, sample, nowSeconds, flags)) unready.push(silent);
    else reporting.push({ ...silent, valueMilli: sample.valueMilli });
  }
  return { reporting, missing, unready };
}

/** CPU used while starting says nothing about load. */
function isCpuUnready(pods: PodGroup, sample: MetricSample, nowSeconds: number, flags: ControllerFlags): boolean {
  if (pods.startedAtSeconds + flags.cpuInitializationSeconds > nowSeconds) {
    return !pods.ready || sample.timestampSeconds < pods.readyChangedAtSeconds + sample.windowSeconds;
  }
  const neverReady = pods.startedAtSeconds + flags.initialReadinessDelaySeconds > pods.readyChangedAtSeconds;
  return !pods.ready && neverReady;
}

/** What a pod that reports nothing is taken to use when the others ask for fewer replicas. */
function presumedMilli(metric: HpaMetric, pods: Counted): number {
  if ('targetMilli' in metric) return metric.targetMilli;
  return Math.trunc((pods.requestMilli * Math.max(100, metric.targetPercent)) / 100);
}

function usageRatio(metric: HpaMetric, pods: readonly Counted[]): number {
  const usedMilli = sum(pods, ({ valueMilli }) => valueMilli);
  if ('targetPercent' in metric) {
    const requestedMilli = sum(pods, ({ requestMilli }) => requestMilli);
    return Math.trunc((usedMilli * 100) / requestedMilli) / metric.targetPercent;
  }
  return Math.trunc(usedMilli / total(pods)) / metric.targetMilli;
}

function isWithin({ scaleDown, scaleUp }: Tolerances, ratio: number): boolean {
  return 1 - scaleDown <= ratio && ratio <= 1 + scaleUp;
}

function total(pods: readonly Counted[]): number {
  return pods.reduce((count, pod) => count + pod.count, 0);
}

function sum(pods: readonly Counted[], milli: (pod: Counted) => number): number {
  return pods.reduce((all, pod) => all + pod.count * milli(pod), 0);
}
