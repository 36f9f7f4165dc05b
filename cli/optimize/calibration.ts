import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Tensor, TensorSignature } from '../../service/tensor';
import { type StoredTensor, storeTensor } from '../python/tensor-file';
import { NotMeasured } from './candidates';

/**
 * Writes requests as files, for the quantiser to read.
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
  return requests.map((request, i) => {
    const tensors = request.map((tensor, j) => [inputs[j]?.name ?? '', storeTensor(tensor, join(folder, `${i}-${j}`))]);
    return Object.fromEntries(tensors);
  });
}
