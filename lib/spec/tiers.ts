/** How much traffic a system is built for; decides which parts it has. */
export type TierName = 'small' | 'medium' | 'large' | 'very-large';

export interface Tier {
  readonly name: TierName;
  readonly strategy: string;
  /** Peak requests/s from which the tier begins. */
  readonly fromQps: number;
  /** False where the tier begins only above {@link fromQps}. */
  readonly includesFrom: boolean;
}

/** By rising traffic. A peak on the border belongs to the larger tier, but 10,000 requests/s are still large. */
export const TIERS: readonly [Tier, ...Tier[]] = [
  { name: 'small', strategy: 'a single instance', fromQps: 0, includesFrom: true },
  { name: 'medium', strategy: 'horizontal scaling', fromQps: 100, includesFrom: true },
  { name: 'large', strategy: 'distributed + caching', fromQps: 1000, includesFrom: true },
  { name: 'very-large', strategy: 'edge deployment + aggressive caching', fromQps: 10_000, includesFrom: false },
];

/** The tier of a peak in requests/s. */
export function tierOf(peakQps: number): Tier {
  const reached = TIERS.filter(
    ({ fromQps, includesFrom }) => peakQps > fromQps || (includesFrom && peakQps === fromQps),
  );
  return reached.at(-1) ?? TIERS[0];
}
