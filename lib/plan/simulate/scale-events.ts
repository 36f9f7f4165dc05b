interface ScaleEvent {
  readonly change: number;
  readonly atSeconds: number;
}

/**
 * The changes of one direction that the policies count, kept as the controller keeps them: a slot that no policy of its
 * own direction looks at any more is written over by the next change, even where a longer policy of the other
 * direction would still have counted it.
 */
export class ScaleEvents {
  private readonly events: ScaleEvent[] = [];

  /** @param longestPeriodSeconds of the policies of this direction */
  constructor(private readonly longestPeriodSeconds: number) {}

  store(change: number, nowSeconds: number): void {
    const cutoff = nowSeconds - this.longestPeriodSeconds;
    const outdated = this.events.findLastIndex(({ atSeconds }) => atSeconds < cutoff);
    this.events[outdated === -1 ? this.events.length : outdated] = { change, atSeconds: nowSeconds };
  }

  /** Replicas changed in the period before now. */
  changeWithin(periodSeconds: number, nowSeconds: number): number {
    let change = 0;
    for (const event of this.events) if (event.atSeconds > nowSeconds - periodSeconds) change += event.change;
    return change;
  }
}
