import type { TensorSignature } from '../tensor';
import { type BatchDimension, batchDimension } from './batch-dimension';
import { ModelSession } from './session';

export interface ModelInspection {
  readonly signature: TensorSignature;
  /** The dimension that may be a batch; whether it is, a probe at load decides. */
  readonly batchDimension: BatchDimension;
}

/**
 * Reads the inputs and outputs of a model file. Blocks the thread while the model is loaded.
 *
 * @throws Error in one sentence when the file is not a model that can be served
 */
export async function inspectModel(path: string): Promise<ModelInspection> {
  const session = ModelSession.open(path, { intraOpThreads: 1 });
  const { signature } = session;
  session.release();
  return { signature, batchDimension: batchDimension(signature) };
}
