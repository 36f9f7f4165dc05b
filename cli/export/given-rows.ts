import { concatRows, type Tensor, type TensorSignature } from '../../service/tensor';
import { readDataFile } from '../optimize/data-file';
import { tensorRows } from '../optimize/tensor-rows';

/** Rows of one request to the original and to its export. */
const REQUEST_ROWS = 256;

/**
 * Requests from a table: a column for each input, or for each feature that the model names, or for each number.
 * @param features names of the model's columns, where it has any: other columns, such as labels, are left out
 * @throws UsageError where the table does not fit the model
 */
export async function givenRows(
  file: string,
  signature: TensorSignature,
  features: readonly string[] | undefined,
): Promise<Tensor[][]> {
  const rows = await readDataFile(file, '--data');
  const found = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const columns = features?.every((name) => found.includes(name)) ? features : found;
  const tensors = tensorRows(rows, { file, columns }, signature);
  const requests: Tensor[][] = [];
  for (let start = 0; start < tensors.length; start += REQUEST_ROWS) {
    const chunk = tensors.slice(start, start + REQUEST_ROWS);
    requests.push(signature.inputs.map((_, i) => concatRows(chunk.flatMap((row) => row[i] ?? []))));
  }
  return requests;
}
