import type { RunSettings } from '../../../lib/spec/run-settings';
import type { Machine } from '../measure/machine';
import type { Judgement } from '../measure/slo';
import type { LatencySummary } from '../report';
import type { ServiceTime } from './service-time';

/** One rate that was tried, or measured on the way to the capacity. */
export interface TrialReport {
  readonly qps: number;
  readonly answeredQps: number;
  readonly latencyMs: LatencySummary;
  readonly lost: number;
  readonly holds: boolean;
  readonly slo: readonly Judgement[];
  readonly cpuSecondsPerRequest: number | undefined;
  /** Cores that the service kept busy. */
  readonly cores: number | undefined;
  /** Why the generator was the limit; empty where it was not. */
  readonly generatorLimits: readonly string[];
  /** What other programs did meanwhile; undefined where they did little. A miss with one is tried again. */
  readonly disturbance: string | undefined;
}

/** Capacity of a model, or of all in the proportions of the spec. */
export interface CapacityResult {
  /** Of the model; `mix` for all together. */
  readonly name: string;
  readonly digest: string | undefined;
  /** Highest rate at which the SLO holds; undefined where it holds at none, or others kept the machine too busy to tell. */
  readonly capacityQps: number | undefined;
  /** Why it may be more than that, or is unknown. */
  readonly limitedBy: 'max-rate' | 'generator' | 'others' | undefined;
  /** In the order in which they were made. */
  readonly trials: readonly TrialReport[];
  /** The one that confirmed the capacity. */
  readonly atCapacity: TrialReport | undefined;
}

/** Capacity of a service that was bound to some cores, with others left to the load generator. */
export interface CoreCapacity {
  readonly cores: number;
  readonly capacityQps: number;
}

/** What is measured of a model beside its capacity. */
export interface ModelCapacity extends CapacityResult {
  /** At shares of the capacity, in rising order. */
  readonly latency: readonly TrialReport[];
  /** What its runs were given; undefined where the service does not tell. */
  readonly settings: RunSettings | undefined;
  readonly serviceTime: ServiceTime;
  readonly cacheHitRatio: number | undefined;
  readonly batchRows: number | undefined;
  /** On fewer cores than the machine has, in rising order; empty where it was not measured. */
  readonly coreScaling: readonly CoreCapacity[];
  readonly memoryBytes: number | undefined;
  /** From the start of the process to the first answer; undefined where the load did not start it. */
  readonly coldStartSeconds: number | undefined;
  /** Where the profile was written; undefined where it was not. */
  readonly profile: string | undefined;
}

/** What `headroom load --find-capacity --json` prints. */
export interface CapacityReport {
  readonly report: 'capacity';
  /** ISO 8601. */
  readonly at: string;
  readonly url: string;
  readonly machine: Machine;
  readonly models: readonly ModelCapacity[];
  /** All together, where there are several. */
  readonly mix: CapacityResult | undefined;
  readonly warnings: readonly string[];
}
