import type { Tensor, TensorSignature } from '../tensor';
import type { ProbeReport } from './probe';
import type { ModelRun, SessionOptions } from './session';

/** What a worker thread is started with (`workerData`). */
export interface WorkerSettings {
  readonly modelPath: string;
  readonly session: SessionOptions;
}

/** To the worker, which answers each message before it takes the next. */
export type ToWorker =
  | { readonly kind: 'probe'; readonly examples: readonly Tensor[] | undefined }
  | { readonly kind: 'run'; readonly inputs: readonly Tensor[]; readonly outputs: readonly number[] };

/** From the worker: `opened` unasked at the start, then one for each message; `failed` in place of any of them. */
export type FromWorker =
  | { readonly kind: 'opened'; readonly signature: TensorSignature }
  | { readonly kind: 'probed'; readonly report: ProbeReport }
  | ({ readonly kind: 'ran' } & ModelRun)
  | { readonly kind: 'failed'; readonly reason: string };

/** The memory of the tensors, to be handed over instead of copied; each tensor must own all of its buffer. */
export function transferListOf(tensors: readonly Tensor[]): ArrayBuffer[] {
  const buffers: ArrayBuffer[] = [];
  for (const { data } of tensors) {
    if (!Array.isArray(data) && data.buffer instanceof ArrayBuffer) buffers.push(data.buffer);
  }
  return buffers;
}
