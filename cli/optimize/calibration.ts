import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Tensor, TensorSignature } from '../../service/tensor';
import { type StoredTensor, storeTensor } from '../python/tensor-file';
import { NotMeasured } from './candidates';

/** Rows that are enough to learn the ranges of activations; guides name 100 to 500. */
const CALIBRATION_ROWS = 256;

/**
 * Writes the first rows of requests as files, for the quantiser to read.
 * @returns the inputs of each request, by name
 * @throws NotMeasured for texts, which no quantiser calibrates with
 */
export function writeCalibration(
  requests: readonly (readonly Tensor[])[],
  { inputs }: TensorSignature,
  folder: string,
): Record<string, StoredTensor>[] {
  if (inputs.some(({ datatype }) => datatype === 'BYTES')) {
    throw new NotMeasured('an input of text cannot be calibrated with', false);
  }
  mkdirSync(folder, { recursive: true });
  const stored: Record<string, StoredTensor>[] = [];
  let rows = 0;
  for (const [i, request] of requests.entries()) {
    if (rows >= CALIBRATION_ROWS) break;
    rows += request[0]?.shape[0] ?? 1;
    const tensors = request.map((tensor, j) => [inputs[j]?.name ?? '', storeTensor(tensor, join(folder, `${i}-${j}`))]);
    stored.push(Object.fromEntries(tensors));
  }
  return stored;
}
