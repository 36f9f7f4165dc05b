/** Where a number comes from; adopted: model.yaml, into which headroom optimize --adopt writes what it found. */
export type Source = 'measured' | 'assumed' | 'given' | 'adopted' | 'price list' | 'calculated';

/** A number of the plan and where it comes from. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly source: Source;
  /** What it was measured with, why it is assumed, or of what it is calculated. */
  readonly detail: string;
}
