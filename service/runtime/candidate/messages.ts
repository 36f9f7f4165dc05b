import type { Tensor, TensorSignature } from '../../tensor';
import type { ProbeReport } from '../probe';
import type { SessionOptions } from '../session';

/** To the process of a candidate, which answers each message before it takes the next. */
export type ToCandidate =
  | { readonly kind: 'open'; readonly modelPath: string; readonly session: SessionOptions }
  | { readonly kind: 'probe'; readonly examples: readonly Tensor[] | undefined }
  | { readonly kind: 'run'; readonly inputs: readonly Tensor[] }
  /** Keeps rows to be timed with: the inputs of one request. */
  | { readonly kind: 'keep'; readonly inputs: readonly Tensor[] }
  | ({ readonly kind: 'time' } & TimeRequest)
  | { readonly kind: 'memory' };

export interface TimeRequest {
  /** Rows of each run, the kept ones over and over; undefined: the kept inputs as they are. */
  readonly rows: number | undefined;
  /** How long to go on. */
  readonly budgetMs: number;
  /** Runs to make even if they take longer than that. */
  readonly minRuns: number;
}

/** What opening a model told. */
export interface OpenedCandidate {
  readonly signature: TensorSignature;
  /** From the file to a session that can run. */
  readonly loadMs: number;
}

/** From the process: one for each message; `failed` in place of any of them. */
export type FromCandidate =
  | ({ readonly kind: 'opened' } & OpenedCandidate)
  | { readonly kind: 'probed'; readonly report: ProbeReport }
  | { readonly kind: 'ran'; readonly outputs: readonly Tensor[] }
  | { readonly kind: 'kept' }
  | { readonly kind: 'timed'; readonly runsMs: readonly number[] }
  /** Resident memory of the process beyond what it had before it opened the model. */
  | { readonly kind: 'memory'; readonly bytes: number }
  | { readonly kind: 'failed'; readonly reason: string };
