/**
 * The arithmetic of the HPA's controller, as far as the tests of the manifests need it: every pod is ready and reports.
 * After Kubernetes 1.36, pkg/controller/podautoscaler: replica_calculator.go and horizontal.go.
 */

interface Policy {
  readonly type: 'Percent' | 'Pods';
  readonly value: number;
  readonly periodSeconds: number;
}

interface Rules {
  readonly stabilizationWindowSeconds: number;
  readonly policies: readonly Policy[];
}

export interface HpaSpec {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly behavior: { readonly scaleUp: Rules; readonly scaleDown: Rules };
}

/** A ratio of measured to wanted this close to 1 changes nothing. */
const TOLERANCE = 0.1;

/** What one metric proposes: `ratio` is measured / target, as a mean over the replicas. */
export function proposal(replicas: number, ratio: number): number {
  return Math.abs(ratio - 1) <= TOLERANCE ? replicas : Math.ceil(ratio * replicas);
}

/** The controller over time; call it in the order of time. */
export class Hpa {
  readonly #recommendations: { readonly atSeconds: number; readonly replicas: number }[] = [];
  readonly #changes: { readonly atSeconds: number; readonly change: number }[] = [];

  constructor(
    private readonly spec: HpaSpec,
    private replicas: number,
  ) {}

  /** @returns the replicas after the controller has looked at the ratios of all metrics */
  look(atSeconds: number, ratios: readonly number[]): number {
    const { behavior, minReplicas, maxReplicas } = this.spec;
    const wanted = Math.max(...ratios.map((ratio) => proposal(this.replicas, ratio)));
    this.#recommendations.push({ atSeconds, replicas: wanted });
    const stable = this.#stabilized(atSeconds, wanted);
    const limited =
      stable > this.replicas
        ? Math.min(stable, this.#limit(atSeconds, behavior.scaleUp, 1))
        : Math.max(stable, this.#limit(atSeconds, behavior.scaleDown, -1));
    const next = Math.min(maxReplicas, Math.max(minReplicas, limited));
    if (next !== this.replicas) this.#changes.push({ atSeconds, change: next - this.replicas });
    this.replicas = next;
    return next;
  }

  /** Never above the lowest need of the window for scaling up, never below the highest of that for scaling down. */
  #stabilized(atSeconds: number, wanted: number): number {
    const within = ({ stabilizationWindowSeconds }: Rules) =>
      this.#recommendations
        .filter((past) => past.atSeconds > atSeconds - stabilizationWindowSeconds)
        .map(({ replicas }) => replicas);
    const up = Math.min(wanted, ...within(this.spec.behavior.scaleUp));
    const down = Math.max(wanted, ...within(this.spec.behavior.scaleDown));
    return Math.min(Math.max(this.replicas, up), down);
  }

  /** The most permissive policy's limit, counted from the replicas at the start of its period. */
  #limit(atSeconds: number, { policies }: Rules, direction: 1 | -1): number {
    const limits = policies.map(({ type, value, periodSeconds }) => {
      const changed = this.#changes
        .filter((past) => past.atSeconds > atSeconds - periodSeconds && Math.sign(past.change) === direction)
        .reduce((sum, { change }) => sum + change, 0);
      const start = this.replicas - changed;
      if (type === 'Pods') return start + direction * value;
      const limit = start * (1 + (direction * value) / 100);
      return direction === 1 ? Math.ceil(limit) : Math.trunc(limit);
    });
    return direction === 1 ? Math.max(...limits) : Math.min(...limits);
  }
}
