import type { Arrivals } from './schedule/arrivals';

/** What commander makes of the command line of `headroom load`. */
export interface LoadFlags {
  readonly local?: true;
  readonly spec?: string;
  readonly model?: readonly string[];
  readonly body?: string;
  readonly rows: number;
  readonly header: readonly string[];
  readonly gzip?: true;
  readonly rate?: number;
  readonly duration?: number;
  readonly rampTo?: number;
  readonly steps?: string;
  readonly trace?: string;
  readonly arrivals: Arrivals;
  readonly keys?: number;
  readonly zipf?: number;
  readonly seed: number;
  readonly warmUp: number;
  readonly timeoutMs: number;
  readonly connections: number;
  /** True for the targets of the spec. */
  readonly slo?: string | true;
  readonly findCapacity?: true;
  readonly maxRate?: number;
  readonly stepSeconds?: number;
  /** Core counts of which to find the capacity, too. */
  readonly cores?: readonly number[];
  readonly adminUrl?: string;
  readonly out?: string;
  readonly html?: string;
  readonly json?: true;
}
