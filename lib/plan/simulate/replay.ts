import { Deployment } from './deployment';
import { HorizontalPodAutoscaler } from './hpa';
import { type ControllerFlags, DEFAULT_FLAGS, type HpaMetric } from './hpa-spec';
import type { MeasuredPods, MetricSample, PodGroup } from './proposal';
import type { Recording, Scenario } from './recording';

/** Replicas asked for at a second of a replay. */
export interface ReplaySample {
  readonly t: number;
  readonly spec: number;
}

/**
 * How long a sync of the controller takes. An HPA goes back into its queue for a whole period once its sync has ended,
 * so that syncs come this much later than the period. Measured on the recordings of v1.36.3: 15.08 to 15.09 s apart.
 */
export const SYNC_DURATION_SECONDS = 0.08;

/**
 * Window of a CPU sample, the resolution of metrics-server. The recordings show more than 9 s (at 75 s of hpa-flash the
 * pods that have been ready for that long do not count yet) and less than 24 s.
 */
const CPU_WINDOW_SECONDS = 15;

/** The longest stabilisation window that Kubernetes allows: after it, nothing decided before still matters. */
const SETTLE_SECONDS = 3600;

/** CPU of a pod cannot exceed its limit, twice the request. */
const CPU_LIMIT = 2;

/** Replicas asked for in each second, from the scenario and the HPA of a recording alone. */
export function replay(recording: Recording): ReplaySample[] {
  const { hpa: spec, scenario, syncPeriodSeconds, podReadyAfterSeconds } = recording;
  const flags: ControllerFlags = { ...DEFAULT_FLAGS, syncPeriodSeconds };
  const hpa = new HorizontalPodAutoscaler(spec, flags);
  const deployment = new Deployment(recording.initialReplicas ?? spec.minReplicas, (_, count) => [
    { count, readyAfterSeconds: podReadyAfterSeconds },
  ]);
  let syncSeconds = recording.firstSyncSeconds ?? syncPeriodSeconds + SYNC_DURATION_SECONDS;
  const samples: ReplaySample[] = [];
  for (let t = 0; t <= endOf(scenario) + SETTLE_SECONDS; t++) {
    while (syncSeconds + SYNC_DURATION_SECONDS <= t) {
      const at = syncSeconds;
      const desired = hpa.reconcile(at, deployment.replicas, (metric) => measure(metric, deployment, scenario, at));
      if (desired !== deployment.replicas) deployment.scaleTo(desired, at + SYNC_DURATION_SECONDS);
      syncSeconds += syncPeriodSeconds + SYNC_DURATION_SECONDS;
    }
    samples.push({ t, spec: deployment.replicas });
  }
  return samples;
}

function endOf({ load, missing = [] }: Scenario): number {
  return Math.ceil(Math.max(...load.map(([at]) => at), ...missing.map(([, until]) => until)));
}

/** The recorded metrics APIs: values of the moment of the query, the same for every ready pod that reports. */
function measure(metric: HpaMetric, deployment: Deployment, scenario: Scenario, nowSeconds: number): MeasuredPods[] {
  const ready = deployment.ready(nowSeconds);
  const sample: MetricSample = {
    valueMilli: ready === 0 ? 0 : valueMilli(metric, scenario, loadAt(scenario, nowSeconds) / ready),
    timestampSeconds: nowSeconds,
    windowSeconds: CPU_WINDOW_SECONDS,
  };
  let silent = Math.floor(ready * missingFraction(scenario, nowSeconds));
  return deployment.list(nowSeconds).flatMap((listed): MeasuredPods[] => {
    const pods: PodGroup = { ...listed, cpuRequestMilli: scenario.cpuRequestMilli };
    if (!pods.ready) return [{ pods, sample: undefined }];
    const count = Math.min(silent, pods.count);
    silent -= count;
    return [
      { pods: { ...pods, count }, sample: undefined },
      { pods: { ...pods, count: pods.count - count }, sample },
    ];
  });
}

function valueMilli(metric: HpaMetric, scenario: Scenario, qpsPerPod: number): number {
  const { capacityPerPod, cpuRequestMilli, cpuAtCapacity, baseMs, clampMs } = scenario;
  const rho = qpsPerPod / capacityPerPod;
  if (metric.source === 'cpu') return roundHalfEven(Math.min(rho * cpuAtCapacity, CPU_LIMIT) * cpuRequestMilli);
  // Milliseconds are thousandths of the metric's unit, the second.
  return roundHalfEven(Math.min(baseMs * (1 + rho ** 4 / Math.max(1 - rho, 0.05)), clampMs));
}

function loadAt({ load }: Scenario, nowSeconds: number): number {
  return load.findLast(([from]) => from <= nowSeconds)?.[1] ?? 0;
}

function missingFraction({ missing = [] }: Scenario, nowSeconds: number): number {
  return missing.find(([from, until]) => from <= nowSeconds && nowSeconds < until)?.[2] ?? 0;
}

/** The recorded values are rounded so. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
