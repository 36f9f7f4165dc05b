import type { PodGroup } from './proposal';

/** Pods created at the same moment. */
interface Cohort {
  count: number;
  readonly createdAtSeconds: number;
  readonly readyAtSeconds: number;
}

/** Pods of one scale-up that become ready together. */
export interface Placement {
  readonly count: number;
  /** Seconds from their creation to their first answer. */
  readonly readyAfterSeconds: number;
}

/** Pods that are alike for whoever looks at them now. */
type Pods = Omit<PodGroup, 'cpuRequestMilli'>;

/** The pods of one Deployment over time: created at once when it is scaled up, ready later, gone at once when not needed. */
export class Deployment {
  /** From the oldest to the newest. */
  private readonly cohorts: Cohort[];
  private total: number;

  /**
   * @param replicas pods that exist and have long been ready when time begins
   * @param place where new pods go, given the pods that exist already: soonest ready first
   */
  constructor(
    replicas: number,
    private readonly place: (existing: number, added: number) => readonly Placement[],
  ) {
    this.cohorts = [{ count: replicas, createdAtSeconds: Number.NEGATIVE_INFINITY, readyAtSeconds: -3600 }];
    this.total = replicas;
  }

  /** Pods asked for, ready or not. */
  get replicas(): number {
    return this.total;
  }

  ready(nowSeconds: number): number {
    let ready = 0;
    for (const { count, readyAtSeconds } of this.cohorts) if (readyAtSeconds < nowSeconds) ready += count;
    return ready;
  }

  scaleTo(replicas: number, nowSeconds: number): void {
    if (replicas > this.total) {
      for (const { count, readyAfterSeconds } of this.place(this.total, replicas - this.total)) {
        const readyAtSeconds = nowSeconds + readyAfterSeconds;
        if (count > 0) this.cohorts.push({ count, createdAtSeconds: nowSeconds, readyAtSeconds });
      }
    } else {
      this.remove(this.total - replicas);
    }
    this.total = replicas;
  }

  /** What a list of the pods shows now; a pod is pending until it is ready. */
  list(nowSeconds: number): Pods[] {
    return this.cohorts.map(({ count, createdAtSeconds, readyAtSeconds }) => {
      const ready = readyAtSeconds < nowSeconds;
      return {
        count,
        phase: ready ? 'Running' : 'Pending',
        startedAtSeconds: createdAtSeconds,
        ready,
        readyChangedAtSeconds: ready ? readyAtSeconds : createdAtSeconds,
      };
    });
  }

  /** The ReplicaSet removes pods that are not ready first, then those ready for the shortest time: here, the newest. */
  private remove(count: number): void {
    let left = count;
    while (left > 0) {
      const newest = this.cohorts.at(-1);
      if (newest === undefined) return;
      const removed = Math.min(left, newest.count);
      newest.count -= removed;
      left -= removed;
      if (newest.count === 0) this.cohorts.pop();
    }
  }
}
