/** One limit of how fast replicas are added or removed, as in autoscaling/v2. */
export interface ScalingPolicy {
  readonly type: 'Pods' | 'Percent';
  readonly value: number;
  readonly periodSeconds: number;
}

/** One direction of an HPA's behaviour, everything filled in. */
export interface ScalingRules {
  readonly stabilizationWindowSeconds: number;
  readonly selectPolicy: 'Max' | 'Min' | 'Disabled';
  readonly policies: readonly ScalingPolicy[];
  /** How far the usage may be from its target, as a fraction of it, before this direction is taken. */
  readonly tolerance: number;
}

/** One direction as written: what is left out takes Kubernetes' default. */
export type PartialScalingRules = { readonly [K in keyof ScalingRules]?: ScalingRules[K] | undefined };

/** A signal of the HPA and its target per pod. */
export type HpaMetric =
  /** CPU in percent of what the pods request. */
  | { readonly source: 'cpu'; readonly targetPercent: number }
  /** CPU in thousandths of a core. */
  | { readonly source: 'cpu'; readonly targetMilli: number }
  /** A metric that each pod exposes, in thousandths of its unit. */
  | { readonly source: 'pods'; readonly name: string; readonly targetMilli: number };

/** A HorizontalPodAutoscaler (autoscaling/v2), as far as it decides replicas. */
export interface HpaSpec {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly metrics: readonly HpaMetric[];
  /** Undefined without a behaviour block, which is another code path in Kubernetes and not the same as its defaults. */
  readonly behavior: { readonly scaleUp: ScalingRules; readonly scaleDown: ScalingRules } | undefined;
}

/** Flags of kube-controller-manager that the decisions depend on. */
export interface ControllerFlags {
  /** --horizontal-pod-autoscaler-sync-period */
  readonly syncPeriodSeconds: number;
  /** --horizontal-pod-autoscaler-tolerance */
  readonly tolerance: number;
  /** --horizontal-pod-autoscaler-downscale-stabilization */
  readonly downscaleStabilizationSeconds: number;
  /** --horizontal-pod-autoscaler-cpu-initialization-period */
  readonly cpuInitializationSeconds: number;
  /** --horizontal-pod-autoscaler-initial-readiness-delay */
  readonly initialReadinessDelaySeconds: number;
}

/** Defaults of kube-controller-manager v1.36. */
export const DEFAULT_FLAGS: ControllerFlags = {
  syncPeriodSeconds: 15,
  tolerance: 0.1,
  downscaleStabilizationSeconds: 300,
  cpuInitializationSeconds: 300,
  initialReadinessDelaySeconds: 30,
};

const DEFAULT_UP_POLICIES: readonly ScalingPolicy[] = [
  { type: 'Pods', value: 4, periodSeconds: 15 },
  { type: 'Percent', value: 100, periodSeconds: 15 },
];
const DEFAULT_DOWN_POLICIES: readonly ScalingPolicy[] = [{ type: 'Percent', value: 100, periodSeconds: 15 }];

/** Rules for scaling up with what is left out taken from Kubernetes v1.36 (pkg/apis/autoscaling/v2/defaults.go). */
export function scaleUpRules(given: PartialScalingRules = {}, flags = DEFAULT_FLAGS): ScalingRules {
  return {
    stabilizationWindowSeconds: given.stabilizationWindowSeconds ?? 0,
    selectPolicy: given.selectPolicy ?? 'Max',
    policies: given.policies ?? DEFAULT_UP_POLICIES,
    tolerance: given.tolerance ?? flags.tolerance,
  };
}

/** Rules for scaling down, as {@link scaleUpRules}; the default window is the controller's flag. */
export function scaleDownRules(given: PartialScalingRules = {}, flags = DEFAULT_FLAGS): ScalingRules {
  return {
    stabilizationWindowSeconds: given.stabilizationWindowSeconds ?? flags.downscaleStabilizationSeconds,
    selectPolicy: given.selectPolicy ?? 'Max',
    policies: given.policies ?? DEFAULT_DOWN_POLICIES,
    tolerance: given.tolerance ?? flags.tolerance,
  };
}
