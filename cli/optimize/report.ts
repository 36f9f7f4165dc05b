import type { BatchPoint } from './knee';
import type { MetricName } from './metrics';
import type { Verdict } from './verdict';

/** What `headroom optimize` found: printed, drawn, and written as JSON. */
export interface OptimizeReport {
  readonly model: {
    readonly name: string;
    /** Undefined for a lone file. */
    readonly version: number | undefined;
    readonly digest: string;
  };
  /** Date and time, ISO 8601. */
  readonly measuredAt: string;
  readonly machine: Machine;
  readonly evaluation: Evaluation;
  readonly batching: Batching;
  readonly original: Figures;
  /** Difference from 1 between two copies of the original, measured like the candidates. */
  readonly noise: number;
  /** Greatest loss allowed, as a share. */
  readonly maxLoss: number;
  readonly candidates: readonly CandidateReport[];
  /** Identifier of the candidate that is recommended; undefined where none pays. */
  readonly recommended: string | undefined;
  /** Batching curve of the recommended file, or the original's where none is recommended. */
  readonly recommendedBatching: Batching;
  readonly warnings: readonly string[];
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  readonly onnxruntime: string;
}

export interface Evaluation {
  readonly source: string;
  /** Those that candidates are judged by. */
  readonly rows: number;
  /** Others of the source, kept for calibration; 0 where it has too few to keep some apart. */
  readonly calibrationRows: number;
  /** Undefined where there are no labels, so that outputs are compared with the original's. */
  readonly metric: MetricName | undefined;
}

export interface Batching {
  /** One point where the model is not batched. */
  readonly points: readonly BatchPoint[];
  readonly knee: BatchPoint;
  readonly notBatchedBecause: string | undefined;
}

/** Measured of one model file with one set of options. */
export interface Figures {
  /** Of one row. */
  readonly latencyMs: { readonly p50: number; readonly p95: number };
  /** At the best batch of the original. */
  readonly rowsPerSecond: number;
  /** Threads of a run, by which throughput is divided to compare. */
  readonly threads: number;
  readonly loadMs: number;
  readonly sizeBytes: number;
  readonly memoryBytes: number;
  /** Value of the metric; undefined without labels, NaN (null as JSON) where answers are not finite. */
  readonly quality: number | undefined;
  /** With the original's outputs, 0 to 1. */
  readonly agreement: number;
}

export interface Measured {
  readonly figures: Figures;
  readonly verdict: Verdict;
  /**
   * Share of quality lost, or 1 − agreement without labels; negative where something is gained. Infinite (null as JSON)
   * where outputs are not finite that are in the original.
   */
  readonly loss: number;
  readonly note: string | undefined;
}

export interface CandidateReport {
  readonly id: string;
  readonly title: string;
  readonly claim: string;
  readonly adopts: 'file' | 'settings' | 'nothing';
  readonly result: Measured | Unmeasured;
}

export interface Unmeasured {
  /** Why, in one sentence. */
  readonly notMeasured: string;
  /** False where the technique has nothing to change in the model; true where something was missing to try it. */
  readonly applies: boolean;
}

export function isMeasured(result: CandidateReport['result']): result is Measured {
  return 'figures' in result;
}
